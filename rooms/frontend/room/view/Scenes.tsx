/** What stands over the picture when it is not simply playing: what happened, why, and what comes next. */
import { Icon } from "@merchants/design/icons";
import { Ring } from "@merchants/design/ring";
import type { ComponentChildren } from "preact";
import { clockText, dayAndTime, timeUntil } from "../../show/format";
import { useRoom } from "../context";
import { SHOWING, type Room } from "../model";
import { ProductRow } from "./Products";

const CUT_PATIENCE_MS = 1_000;

export function SceneLayer() {
  const { room } = useRoom();
  if (room.isPictureGone.value) return <Failed />;
  switch (room.scene.value) {
    case "scheduled":
      return <Scheduled />;
    case "waiting":
      return <Waiting />;
    case "slate":
      return <Slate />;
    case "fault":
      return <Fault />;
    case "ended":
      return <Ended />;
    case "teaser":
    case "drama":
    case "live":
      return room.picture.value === "loading" ? <Loading /> : null;
  }
}

function Loading() {
  const { room } = useRoom();
  const episode = room.episode.value;
  return (
    <div class="scene is-loading">
      <p class="t-24">{episode?.title ?? room.show.value.title}</p>
      <p class="t-quiet">{room.scene.value === "live" ? room.t("joining_host", { name: hostOf(room) }) : episode ? room.t("joining_at", { number: episode.number, time: clockText(room.positionMs.value) }) : room.t("joining")}</p>
      <span class="loading-line" aria-hidden="true" />
    </div>
  );
}

function Centred({ children, icon }: { children: ComponentChildren; icon?: Parameters<typeof Icon>[0]["name"] }) {
  return (
    <div class="scene">
      {icon && <span class="state-icon"><Icon name={icon} size={26} /></span>}
      {children}
    </div>
  );
}

function Scheduled() {
  const { room } = useRoom();
  const atMs = room.show.value.scheduled_at_ms;
  const leftMs = atMs === null ? 0 : atMs - room.nowMs.value;
  return (
    <Centred>
      <p class="t-13 t-gold">{atMs === null ? room.t("soon") : room.t("starts_at", { time: dayAndTime(atMs, room.nowMs.value, room.page.language, room.t("today")) })}</p>
      <h1 class="t-28">{room.show.value.title}</h1>
      {room.season.value && <p class="t-quiet scene-text">{room.season.value.synopsis || room.season.value.title}</p>}
      {leftMs > 0 && <p class="countdown" role="timer">{timeUntil(leftMs, room.page.language)}</p>}
      {atMs !== null && leftMs <= 0 && <p class="t-quiet">{room.t("starts_any_moment")}</p>}
    </Centred>
  );
}

function Slate() {
  const { room } = useRoom();
  return (
    <Centred icon="slate">
      <h1 class="t-24">{room.entry.value?.source.title || room.t("back_in_a_moment")}</h1>
      <p class="t-quiet scene-text">{room.t("slate_text")}</p>
    </Centred>
  );
}

function Waiting() {
  const { room } = useRoom();
  const awaited = room.entry.value?.source;
  return (
    <Centred>
      <span class="breath" aria-hidden="true" />
      <h1 class="t-24">{awaited?.number ? room.t("episode_is_coming", { number: awaited.number, title: awaited.title }) : room.t("next_is_coming")}</h1>
      <p class="t-quiet scene-text">{room.t("waiting_text")}</p>
    </Centred>
  );
}

function hostOf(room: Room): string {
  return room.show.value.host_name || room.page.shop.name;
}

function Fault() {
  const { room } = useRoom();
  const waitedMs = room.nowMs.value - room.show.value.state_at_ms;
  return (
    <div class="scene is-low">
      <div class="notice">
        <Ring share={(waitedMs % 30_000) / 30_000} size={52} tone="is-ok">{clockText(waitedMs)}</Ring>
        <p class="notice-text"><span class="notice-title">{room.t("fault_title", { name: hostOf(room) })}</span>{room.t("fault_text")}</p>
      </div>
    </div>
  );
}

function Ended() {
  const { room } = useRoom();
  const { show, page } = room;
  const products = show.value.bag.map((id) => room.product(id)).filter((product) => product !== null);
  return (
    <div class="scene is-ended">
      <h1 class="t-28">{room.t("that_was", { title: show.value.title })}</h1>
      <p class="t-quiet">{room.t("ended_text")}</p>
      <div class="scene-actions">
        {show.value.state === "replay" ? (
          <a class="button is-primary is-tall" href={page.urls.replay}><Icon name="play" size={18} />{room.t("watch_replay")}</a>
        ) : (
          <button type="button" class="button is-quiet is-tall" disabled>{room.t("replay_soon")}</button> // the host may still take the end back
        )}
        <a class="button is-quiet is-tall" href={page.urls.lobby}>{room.t("other_rooms")}</a>
      </div>
      {products.length > 0 && (
        <>
          <h2 class="t-17 scene-list-title">{room.t("in_this_show")}</h2>
          <ul class="scene-list">{products.map((product) => <li key={product.id}><ProductRow product={product} /></li>)}</ul>
        </>
      )}
    </div>
  );
}

function Failed() {
  const { room, acts } = useRoom();
  const leftS = Math.max(0, Math.ceil((room.retryAtMs.value - room.nowMs.value) / 1000));
  const isHost = room.scene.value === "live";
  return (
    <div class="scene is-failed">
      <span class="state-icon"><Icon name="alert" size={26} /></span>
      <div role="alert"><h1 class="t-24">{isHost ? room.t("host_unreachable", { name: hostOf(room) }) : room.t("picture_failed")}</h1></div>
      <p class="t-quiet scene-text">{isHost ? room.t("host_unreachable_text") : room.t("picture_failed_text", { time: clockText(room.positionMs.value) })}</p>
      <div class="scene-actions">
        <button type="button" class="button is-primary is-tall is-wide" onClick={acts.retry}><Icon name="replay" size={20} />{room.t("try_again")}</button>
        <a class="button is-line" href={room.page.urls.lobby}>{room.t("other_rooms")}</a>
      </div>
      {leftS > 0 && <p class="t-13 t-quiet">{room.t("trying_again_in", { seconds: leftS })}</p>}
    </div>
  );
}

/** The picture stops now and then: said in plain words, with what goes on regardless. */
export function WeakNotice() {
  const { room, acts } = useRoom();
  if (isAwaitingHost(room)) return <p class="notice weak" role="status"><span class="badge is-live"><span class="dot" /></span>{room.t("joining_host", { name: hostOf(room) })}</p>;
  if (room.picture.value !== "weak") return null;
  return (
    <div class="notice is-warn weak" role="status">
      <Icon name="wifi-off" size={22} />
      <div class="notice-text">
        <span class="notice-title">{room.t("weak_network")}</span>
        {room.t("weak_text")}
      </div>
      <button type="button" class="button is-line" onClick={acts.retry}>{room.t("try_again")}</button>
    </div>
  );
}

/** The host is on air and the line is not there yet: what was on the screen goes on, for longer than a cut should take. */
function isAwaitingHost(room: Room): boolean {
  const entry = room.entry.value;
  return room.scene.value === "live" && room.line.value === "connecting" && room.picture.value === "playing" && entry !== null && room.nowMs.value - entry.started_at_ms > CUT_PATIENCE_MS;
}

/** Browsers start pictures silent: one tap brings the sound. */
export function TapForSound() {
  const { room, acts } = useRoom();
  if (!room.isMuted.value || room.picture.value !== "playing" || !SHOWING.has(room.scene.value)) return null;
  return (
    <button type="button" class="button is-white tap-sound is-low" onClick={acts.toggleSound}>
      <Icon name="volume-off" size={20} />
      {room.t("tap_for_sound")}
    </button>
  );
}

export function PausedChip() {
  const { room, acts } = useRoom();
  if (!room.isPaused.value) return null;
  return (
    <button type="button" class="button is-white tap-sound" onClick={acts.togglePause}>
      <Icon name="play" size={18} />
      {room.t("back_in_step")}
    </button>
  );
}
