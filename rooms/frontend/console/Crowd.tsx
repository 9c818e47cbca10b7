/** What the crowd writes, newest at the bottom: pin, mute, delete; and the shop's own word. */
import { Icon } from "@merchants/design/icons";
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "@merchants/design/api";
import type { ChatLine } from "../room/model";
import { useConsole } from "./context";
import { Hold } from "./Hold";

const MUTE_S = 600;
const SLOW_CHOICES = [0, 5, 15, 60];
const HOLD_MS = 700;

type Filter = "all" | "comments" | "danmaku" | "muted";
const filter = signal<Filter>("all");

export function Crowd() {
  const { model } = useConsole();
  const { t } = model;
  const counts: Record<Filter, number | null> = {
    all: null,
    comments: null,
    danmaku: null,
    muted: model.state.value.mutes.length,
  };
  return (
    <section class="crowd" aria-label={t("crowd")}>
      <div class="crowd-tabs" role="group" aria-label={t("filter")}>
        {(Object.keys(counts) as Filter[]).map((name) => (
          <button key={name} type="button" class="crowd-tab" aria-pressed={filter.value === name} onClick={() => (filter.value = name)}>
            {t(`filter_${name}`)}{counts[name] ? <span class="chip">{counts[name]}</span> : null}
          </button>
        ))}
      </div>
      {filter.value === "muted" ? <Muted /> : <Stream />}
      <Reply />
    </section>
  );
}

function Stream() {
  const { model, desk } = useConsole();
  const { room, t } = model;
  const lines = room.lines.value.filter((line) => filter.value === "all" || (filter.value === "danmaku") === Boolean(line.isDanmaku));
  const box = useRef<HTMLOListElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines.length]);
  const pin = room.show.value.pin;
  return (
    <>
      <SlowMode />
      {pin && (
        <p class="crowd-pin">
          <Icon name="pin" size={16} />
          <span class="clip-2"><b>{pin.nickname}</b> {pin.text}</span>
          <button type="button" class="small-button" onClick={() => void desk.pin(null)}>{t("unpin")}</button>
        </p>
      )}
      <ol
        class="crowd-list"
        ref={box}
        tabIndex={0}
        aria-label={t("crowd")}
        onScroll={() => {
          const element = box.current;
          if (element) isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
        }}
      >
        {lines.length === 0 && <li class="panel-empty t-quiet">{t("nobody_wrote")}</li>}
        {lines.map((line) => <Line key={line.id} line={line} />)}
      </ol>
    </>
  );
}

function Line({ line }: { line: ChatLine }) {
  const { model, desk } = useConsole();
  const { t } = model;
  if (line.kind === "bought") return <li class="crowd-line is-system"><Icon name="bag" size={14} />{t("bought_this", { name: line.nickname, product: line.text })}</li>;
  if (line.isGhost) {
    return (
      <li class="crowd-line is-danmaku is-ghost">
        <p class="crowd-text"><Icon name="danmaku" size={14} label={t("danmaku")} /><b>{line.nickname}</b> {line.text}</p>
      </li>
    );
  }
  const isMuted = model.state.value.mutes.some((one) => one.viewer_id === line.author);
  return (
    <li class={`crowd-line${line.isDanmaku ? " is-danmaku" : ""}`}>
      <p class="crowd-text">
        {line.isDanmaku && <Icon name="danmaku" size={14} label={t("danmaku")} />}
        <b class={line.role ? "is-staff" : ""}>{line.nickname}</b> {line.text}
      </p>
      <span class="crowd-acts">
        <button type="button" class="icon-button" title={t("pin")} aria-label={t("pin_line", { name: line.nickname })} onClick={() => void desk.pin(line)}><Icon name="pin" size={16} /></button>
        {!line.role && !isMuted && (
          <Hold class="icon-button" holdMs={HOLD_MS} hint="…" onHeld={() => void desk.mute(line.author, line.nickname, MUTE_S)}>
            <Icon name="mute-person" size={16} label={t("mute_line", { name: line.nickname })} />
          </Hold>
        )}
        <Hold class="icon-button" holdMs={HOLD_MS} hint="…" onHeld={() => void desk.remove(line)}>
          <Icon name="trash" size={16} label={t("delete_line", { name: line.nickname })} />
        </Hold>
      </span>
    </li>
  );
}

function SlowMode() {
  const { model, desk } = useConsole();
  const { t } = model;
  return (
    <label class="slow">
      <span class="t-12 t-quiet">{t("slow_mode")}</span>
      <select class="slow-box" value={String(model.room.show.value.slow_mode_s)} onChange={(event) => void desk.slowMode(Number(event.currentTarget.value))}>
        {SLOW_CHOICES.map((seconds) => <option key={seconds} value={String(seconds)}>{seconds ? t("slow_seconds", { seconds }) : t("off")}</option>)}
      </select>
    </label>
  );
}

function Muted() {
  const { model, desk } = useConsole();
  const { t } = model;
  const { mutes } = model.state.value;
  if (mutes.length === 0) return <p class="panel-empty t-quiet crowd-list">{t("nobody_muted")}</p>;
  return (
    <ul class="crowd-list">
      {mutes.map((one) => (
        <li key={one.viewer_id} class="crowd-line">
          <p class="crowd-text"><b>{one.nickname || one.viewer_id.slice(0, 8)}</b> <span class="t-12 t-quiet">{one.by}</span></p>
          <button type="button" class="small-button" onClick={() => void desk.unmute(one.viewer_id)}>{t("unmute")}</button>
        </li>
      ))}
    </ul>
  );
}

function Reply() {
  const { model, desk, connection } = useConsole();
  const { t, page } = model;
  const [text, setText] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!text.trim()) return;
    try {
      await connection.send(text.trim(), "comment");
      setText("");
    } catch (refusal) {
      if (!(refusal instanceof ApiError)) throw refusal;
      desk.say(refusal.message, true);
    }
  };
  return (
    <form class="reply" onSubmit={submit}>
      <label class="unseen" for="reply">{t("reply_as", { shop: page.shop.name })}</label>
      <input id="reply" class="reply-box" value={text} maxLength={page.limits.comment} autocomplete="off" placeholder={t("reply_as", { shop: page.shop.name })} onInput={(event) => setText(event.currentTarget.value)} />
      <kbd class="keycap">/</kbd>
    </form>
  );
}
