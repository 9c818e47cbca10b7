/** The stage: who asks to come on it, who is backstage, who is on. */
import { Icon } from "@merchants/design/icons";
import { useState } from "preact/hooks";
import { clockText } from "../../show/format";
import { GuestTile } from "../../show/GuestTile";
import { useConsole } from "../context";
import { Hold } from "../Hold";
import type { StageGuest } from "../state";
import { KeySheet } from "./KeySheet";

const HOLD_MS = 700;

export function Guests() {
  const { model } = useConsole();
  const { t } = model;
  const { is_open, most, requests, guests } = model.state.value.stage;
  if (!is_open && requests.length + guests.length === 0) return null;
  return (
    <section class="stage-desk" aria-labelledby="stage-title">
      <header class="panel-head">
        <h2 id="stage-title" class="t-13">{t("stage_title")}</h2>
        <span class="t-12 t-quiet">{t("stage_places", { count: guests.length, most })}</span>
      </header>
      <div class="stage-scroll" tabIndex={0} role="group" aria-labelledby="stage-title">
        {guests.length > 0 && <ul class="stage-guests">{guests.map((guest) => <li key={guest.id}><GuestCard guest={guest} /></li>)}</ul>}
        {requests.length > 0 && <ul class="stage-queue">{requests.map((guest) => <li key={guest.id}><RequestRow guest={guest} isFull={guests.length >= most} /></li>)}</ul>}
        {requests.length + guests.length === 0 && <p class="t-12 t-quiet stage-none">{t("stage_empty")}</p>}
      </div>
    </section>
  );
}

function RequestRow({ guest, isFull }: { guest: StageGuest; isFull: boolean }) {
  const { model, desk } = useConsole();
  const { room, page, t } = model;
  const waitedMs = room.nowMs.value - new Date(guest.asked_at).getTime();
  return (
    <div class="stage-request">
      <Icon name={guest.has_picture ? "camera" : "mic"} size={16} label={t(guest.has_picture ? "stage_with_camera" : "stage_voice_only")} />
      <p class="stage-who"><b class="clip">{guest.nickname}</b><span class="t-12 t-quiet">{t("stage_waits", { time: clockText(Math.max(0, waitedMs)) })}</span></p>
      {page.can_air && (
        <>
          <button type="button" class="small-button" disabled={isFull} aria-label={t("stage_invite_name", { name: guest.nickname })} onClick={() => void desk.onStage("invite", guest.id)}>{t("stage_invite")}</button>
          <button type="button" class="small-button" aria-label={t("stage_decline_name", { name: guest.nickname })} onClick={() => void desk.onStage("remove", guest.id)}>{t("stage_decline")}</button>
        </>
      )}
    </div>
  );
}

function GuestCard({ guest }: { guest: StageGuest }) {
  const { model, desk, preview } = useConsole();
  const { page, t } = model;
  const name = { name: guest.nickname };
  const isOn = guest.standing === "on_stage";
  const [showsKey, setKey] = useState(false);
  return (
    <div class={`stage-guest${isOn ? " is-on" : ""}`}>
      <GuestTile
        name={guest.nickname}
        stream={preview.streams.value[guest.id] ?? null}
        hasPicture={guest.has_picture}
        isMuted={guest.is_muted}
        isGone={guest.is_gone}
        volume={1}
        level={guest.is_muted ? 0 : (preview.levels.value[guest.id] ?? 0)}
        mutedText={t("stage_muted_mark")}
      />
      <div class="stage-acts">
        <p class={`t-12${guest.is_gone ? " console-problem" : " t-quiet"}`}>{guest.is_gone ? t("stage_gone") : t(`stage_is_${guest.standing}`)}</p>
        {page.can_air && (
          <>
            {!isOn && <button type="button" class="small-button is-fire" disabled={guest.is_gone} aria-label={t("stage_admit_name", name)} onClick={() => void desk.onStage("admit", guest.id)}>{t("stage_admit")}</button>}
            {guest.is_muted ? (
              <button type="button" class="small-button is-gold" aria-label={t("stage_unmute_name", name)} onClick={() => void desk.onStage("unmute", guest.id)}>{t("stage_unmute")}</button>
            ) : (
              <button type="button" class="small-button" aria-label={t("stage_mute_name", name)} onClick={() => void desk.onStage("mute", guest.id)}>{t("stage_mute")}</button>
            )}
            <button type="button" class="small-button" aria-label={t("stage_key_name", name)} onClick={() => setKey(true)}><Icon name="key" size={16} /></button>
            <Hold class="small-button" holdMs={HOLD_MS} hint={t("hold_hint")} onHeld={() => void desk.onStage("remove", guest.id)}>
              {t("stage_remove")}<span class="unseen">{t("stage_remove_name", name)}</span>
            </Hold>
          </>
        )}
      </div>
      {showsKey && <KeySheet guest={guest} onClose={() => setKey(false)} />}
    </div>
  );
}
