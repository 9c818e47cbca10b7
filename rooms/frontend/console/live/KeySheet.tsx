/** A stream key for OBS or FFmpeg: the address and a fresh token, each with a button that copies it. */
import { Icon } from "@merchants/design/icons";
import { Sheet } from "@merchants/design/sheet";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useConsole } from "../context";
import { clockText } from "../../show/format";
import type { Grant, StageGuest } from "../state";
import type { Role } from "./host";

/** Of the host's line, or of a guest's. */
export function KeySheet({ guest, onClose }: { guest?: StageGuest; onClose: () => void }) {
  const { model, desk } = useConsole();
  const { room, t } = model;
  const [role, setRole] = useState<Role>("primary");
  const [grant, setGrant] = useState<Grant | null>(null);
  const newest = useRef<Role>(role);
  const make = async (wanted: Role) => {
    setRole(wanted);
    newest.current = wanted;
    setGrant(null);
    const made = await (guest ? desk.makeGuestKey(guest.id) : desk.makeKey(wanted));
    if (newest.current === wanted) setGrant(made);
  };
  useEffect(() => void make("primary"), []);
  const leftMs = grant ? grant.begins_until_ms - room.nowMs.value : 0;
  return (
    <Sheet title={guest ? t("stage_key_name", { name: guest.nickname }) : t("source_program")} closeLabel={t("close")} onClose={onClose} height="short">
      <div class="keys">
        <p class="t-quiet">{t(guest ? "stage_key_text" : "key_text")}</p>
        {!guest && (
          <div class="roles" role="group" aria-label={t("send_as")}>
            {(["primary", "backup"] as Role[]).map((one) => <button key={one} type="button" class="role" aria-pressed={role === one} onClick={() => void make(one)}>{t(`line_${one}`)}</button>)}
          </div>
        )}
        {grant && (
          <>
            <Copied text={t("key_address")} value={grant.url} />
            <Copied text={t("key_token")} value={grant.token} isSecret />
            <p class="t-12 t-quiet" role="timer">{leftMs > 0 ? t("key_begins_within", { time: clockText(leftMs) }) : t("key_over")}</p>
          </>
        )}
        <button type="button" class="button is-line" onClick={() => void make(role)}><Icon name="replay" size={18} />{t("key_new")}</button>
        <p class="t-12 t-quiet">{t("key_settings")}</p>
      </div>
    </Sheet>
  );
}

function Copied({ text, value, isSecret = false }: { text: string; value: string; isSecret?: boolean }) {
  const { model } = useConsole();
  const { t } = model;
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  const [isShown, setShown] = useState(!isSecret);
  useEffect(() => setCopied(false), [value]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      setShown(true); // no permission: the host copies by hand
      field.current?.select();
    }
  };
  return (
    <div class="key">
      <label class="t-12 t-quiet" for={id}>{text}</label>
      <input id={id} ref={field} class={`reply-box mono${isShown ? "" : " is-secret"}`} value={value} readOnly autocomplete="off" onFocus={(event) => event.currentTarget.select()} />
      <button type="button" class="small-button" onClick={() => void copy()} aria-label={t("copy_this", { what: text })}><Icon name={isCopied ? "check" : "copy"} size={16} />{t(isCopied ? "copied" : "copy")}</button>
    </div>
  );
}
