/** What people say: a short stack over the picture on phones, the whole chat beside it on wide screens. */
import { Icon } from "@merchants/design/icons";
import { useEffect, useRef, useState } from "preact/hooks";
import type { CommentView } from "../../show/wire";
import { useRoom } from "../context";
import type { ChatLine } from "../model";

const STACKED = 30;

/** The last comments over the picture; danmaku has its own lanes there. */
export function CommentStack() {
  const { room } = useRoom();
  const lines = room.lines.value.filter((line) => !line.isDanmaku).slice(-STACKED);
  const { box, hasNew, toEnd, onScroll } = useStickyEnd(lines.length);
  const pin = room.show.value.pin;
  return (
    <div class="stack">
      {pin && <PinnedLine comment={pin} />}
      <div class="stack-scroll" ref={box} onScroll={onScroll} tabIndex={0} role="log" aria-live="off" aria-label={room.t("chat")}>
        {lines.map((line) => <StackLine key={line.id} line={line} />)}
      </div>
      {hasNew && <NewChip onClick={toEnd} />}
    </div>
  );
}

function StackLine({ line }: { line: ChatLine }) {
  const { room } = useRoom();
  if (line.kind === "bought") return <p class="pill is-system">{room.t("bought_this", { name: line.nickname, product: line.text })}</p>;
  return (
    <p class="pill">
      <b class={line.role ? "pill-staff" : "pill-name"}>{line.nickname}</b> {line.text}
    </p>
  );
}

export function Chat() {
  const { room } = useRoom();
  const lines = room.lines.value;
  const { box, hasNew, toEnd, onScroll } = useStickyEnd(lines.length);
  const pin = room.show.value.pin;
  return (
    <div class="chat">
      {pin && <PinnedBox comment={pin} />}
      <div class="chat-scroll" ref={box} onScroll={onScroll} tabIndex={0} role="log" aria-live="off" aria-label={room.t("chat")}>
        {lines.length === 0 && <p class="t-quiet chat-empty">{room.t(room.scene.value === "ended" ? "chat_over" : "chat_empty")}</p>}
        {lines.map((line) => <ChatRow key={line.id} line={line} />)}
      </div>
      {hasNew && <NewChip onClick={toEnd} />}
    </div>
  );
}

function ChatRow({ line }: { line: ChatLine }) {
  const { room } = useRoom();
  if (line.kind === "bought") return <p class="chat-system">{room.t("bought_this", { name: line.nickname, product: line.text })}</p>;
  const isOwn = line.author === room.page.viewer.id;
  return (
    <div class="chat-row">
      <span class={`chat-face is-${isOwn ? "own" : tintOf(line.author)}`} aria-hidden="true">{[...line.nickname][0]?.toUpperCase()}</span>
      <p class="chat-text">
        <b class={line.role ? "pill-staff" : "pill-name"}>{isOwn ? room.t("you") : line.nickname}</b>
        {line.role && <span class="chip">{room.t("staff")}</span>}
        <span class="chat-words">{line.text}</span>
      </p>
    </div>
  );
}

function tintOf(author: string): number {
  let sum = 0;
  for (const letter of author) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  return sum % 6;
}

function PinnedLine({ comment }: { comment: CommentView }) {
  return (
    <p class="pill is-pinned">
      <Icon name="pin" size={14} />
      <span class="clip-2"><b>{comment.nickname}</b> {comment.text}</span>
    </p>
  );
}

function PinnedBox({ comment }: { comment: CommentView }) {
  const { room } = useRoom();
  return (
    <div class="pinned-box">
      <p class="pinned-by"><Icon name="pin" size={16} />{room.t("pinned_by", { name: comment.nickname })}</p>
      <p>{comment.text}</p>
    </div>
  );
}

function NewChip({ onClick }: { onClick: () => void }) {
  const { room } = useRoom();
  return <button type="button" class="new-chip" onClick={onClick}>{room.t("new_messages")}<Icon name="arrow-down" size={14} /></button>;
}

/** Follow the end of a growing list unless the reader scrolled up; `hasNew` then offers the way back. */
function useStickyEnd(length: number) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [hasNew, setHasNew] = useState(false);
  const toEnd = () => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
    isAtEnd.current = true;
    setHasNew(false);
  };
  useEffect(() => {
    if (isAtEnd.current) toEnd();
    else setHasNew(true);
  }, [length]);
  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
    if (isAtEnd.current) setHasNew(false);
  };
  return { box, hasNew, toEnd, onScroll };
}
