/** The bar: what the room does, since when, who watches, whether the connection holds. */
import { Icon } from "@merchants/design/icons";
import { clockText, fullCount, secondsText } from "../show/format";
import { isOnAir } from "../show/program";
import { useConsole } from "./context";
import { Hold } from "./Hold";
import { bitrateText, lossText } from "./live/verdict";

export function Bar() {
  const { model, desk } = useConsole();
  const { room, page, t } = model;
  const state = room.show.value.state;
  const since = model.state.value.aired_since;
  const airedMs = since ? room.nowMs.value - new Date(since).getTime() : 0;
  return (
    <header class="console-bar">
      <a class="icon-button" href={page.office_url} aria-label={t("to_office")}><Icon name="chevron-left" size={20} /></a>
      <span class={`badge console-state is-${isOnAir(state) ? "live" : "white"}`}>{t(`state_${state}`)}</span>
      {model.state.value.rehearsal && <span class="badge console-rehearsal">{t(model.state.value.rehearsal.run ? "rehearsal_ghosts" : "rehearsal")}</span>}
      <h1 class="t-15 clip">{room.show.value.title}</h1>
      {isOnAir(state) && <span class="console-timer mono" role="timer">{clockText(airedMs)}</span>}
      <Figures />
      <span class="top-gap" />
      <a class="button is-line console-small" href={page.urls.room} target="_blank" rel="noopener"><Icon name="eye" size={16} />{t("watch_as_viewer")}</a>
      {page.can_air && isOnAir(state) && (
        <Hold class="console-end" hint={t("hold_hint")} disabled={!model.state.value.moves.end} onHeld={() => void desk.press("end")}>
          {t("end_show")}<span class="t-12">{t("hold")}</span>
        </Hold>
      )}
    </header>
  );
}

function Figures() {
  const { model, host } = useConsole();
  const { room, page, t } = model;
  const isOpen = room.connection.value === "open";
  const rtt = model.rttMs.value;
  const sent = host.figures.value;
  const viewers = model.state.value.live.viewers["webrtc"] ?? 0;
  const filmViewers = model.state.value.live.viewers["llhls"] ?? 0;
  const hasBackup = model.state.value.live.lines.some((line) => line.role === "backup" && line.is_connected);
  const lagMs = room.scene.value === "live" && room.lagMs.value !== null ? room.lagMs.value + (sent?.roundTripMs ?? 0) / 2 : null;
  return (
    <dl class="console-figures">
      <div><dt>{t("viewers_now")}</dt><dd>{fullCount(room.online.value, page.language)}</dd></div>
      <div><dt>{t("likes")}</dt><dd>{fullCount(room.likes.value, page.language)}</dd></div>
      {sent ? (
        <>
          <div><dt>{t("bitrate")}</dt><dd>{bitrateText(sent.bitsPerS)}</dd></div>
          <div><dt>{t("round_trip")}</dt><dd>{sent.roundTripMs === null ? "–" : t("milliseconds", { ms: Math.round(sent.roundTripMs) })}</dd></div>
          <div><dt>{t("loss")}</dt><dd>{lossText(sent.lostShare)}</dd></div>
          {lagMs !== null && <div><dt>{t("your_delay")}</dt><dd>{t("slow_seconds", { seconds: secondsText(lagMs, page.language) })}</dd></div>}
        </>
      ) : (
        <div><dt>{t("delay")}</dt><dd>{rtt === null ? "–" : t("milliseconds", { ms: Math.round(rtt) })}</dd></div>
      )}
      {viewers > 0 && <div><dt>{t("viewers_direct")}</dt><dd>{fullCount(viewers, page.language)}</dd></div>}
      {filmViewers > 0 && <div><dt>{t("viewers_film")}</dt><dd>{fullCount(filmViewers, page.language)}</dd></div>}
      {hasBackup && <div class="is-ok"><dt>{t("line_backup")}</dt><dd><span class="dot" />{t("line_is_armed")}</dd></div>}
      <div class={isOpen ? "is-ok" : "is-bad"}>
        <dt>{t("connection")}</dt>
        <dd><span class="dot" />{isOpen ? t("connected") : t("reconnecting")}</dd>
      </div>
    </dl>
  );
}
