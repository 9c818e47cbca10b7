/** Say something: as danmaku across the picture, or as a comment in the chat. */
import { Icon } from "@merchants/design/icons";
import { useRef, useState } from "preact/hooks";
import { clockText } from "../../show/format";
import { useRoom } from "../context";

export const COMPOSER_ID = "say";

export function Composer({ isWide = false }: { isWide?: boolean }) {
  const { room, acts } = useRoom();
  const { draft } = room;
  const text = draft.text.value;
  const as = draft.as.value;
  const [error, setError] = useState("");
  const [isSending, setSending] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const limit = as === "danmaku" ? room.page.limits.danmaku : room.page.limits.comment;
  const length = [...text.trim()].length;
  const isClosed = room.isMutedByHost.value;

  const submit = async (event: Event) => {
    event.preventDefault();
    if (!length || isSending) return;
    if (length > limit) {
      setError(room.t("too_long", { limit }));
      return;
    }
    setSending(true);
    try {
      await acts.send(text.trim(), as);
      draft.text.value = "";
      setError("");
    } catch (refusal) {
      setError(refusal instanceof Error && refusal.message ? refusal.message : room.t("not_sent"));
    } finally {
      setSending(false);
      input.current?.focus();
    }
  };

  return (
    <form class={`composer${isWide ? " is-wide" : ""}`} onSubmit={submit}>
      <div class="composer-field">
        <label class="unseen" for={COMPOSER_ID}>{room.t("say_something")}</label>
        <input
          id={COMPOSER_ID}
          ref={input}
          class="composer-input"
          value={text}
          onInput={(event) => (draft.text.value = event.currentTarget.value)}
          placeholder={isClosed ? room.t("muted_placeholder") : room.t("say_something")}
          disabled={isClosed}
          maxLength={room.page.limits.comment}
          enterkeyhint="send"
          autocomplete="off"
          aria-invalid={error ? "true" : undefined}
          aria-describedby={`${COMPOSER_ID}-note`}
        />
        {(isWide || length > 0) && (
          <button type="submit" class="composer-send" aria-label={room.t("send")} disabled={!length || isSending}>
            <Icon name="send" size={20} />
          </button>
        )}
      </div>
      <div class="composer-note" id={`${COMPOSER_ID}-note`}>
        {error ? (
          <span class="field-error" role="alert"><Icon name="alert" size={16} />{error}</span>
        ) : (
          (isWide || length > 0) && <ModeSwitch />
        )}
        {(isWide || length > 0) && <span class={`composer-count${length > limit ? " is-over" : ""}`}>{length}/{limit}</span>}
      </div>
    </form>
  );
}

function ModeSwitch() {
  const { room } = useRoom();
  const { as } = room.draft;
  const isDanmaku = as.value === "danmaku";
  return (
    <button type="button" class="mode-switch" onClick={() => (as.value = isDanmaku ? "comment" : "danmaku")} aria-pressed={isDanmaku}>
      <Icon name={isDanmaku ? "danmaku" : "list"} size={16} />
      {isDanmaku ? room.t("shown_as_danmaku", { time: clockText(room.positionMs.value) }) : room.t("shown_as_comment")}
    </button>
  );
}
