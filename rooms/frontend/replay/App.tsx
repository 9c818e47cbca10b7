/** The replay: the picture, its controls, the timeline and the moments. */
import { Icon } from "@merchants/design/icons";
import { useLayoutEffect, useRef } from "preact/hooks";
import { clockText, compactCount, dayAndTime, pluralForm } from "../show/format";
import { prefer, preferences } from "../show/preferences";
import { useStyle } from "../show/style";
import { useReplay } from "./context";
import { Moments, ReplayCard } from "./Moments";
import { Seekbar } from "./Seekbar";
import { Sheets } from "./Sheets";

export interface Layers {
  picture: HTMLElement;
  danmaku: HTMLElement;
}

export function App({ layers }: { layers: Layers }) {
  const { replay } = useReplay();
  if (replay.page.stretches.length === 0) return <Nothing />;
  return (
    <>
      <main id="main" class="replay">
        <Stage layers={layers} />
        <div class="replay-side">
          <Seekbar />
          <Moments />
        </div>
      </main>
      <Sheets />
      <div class="toast-layer" role="status">{replay.toast.value && <p class="toast">{replay.toast.value}</p>}</div>
    </>
  );
}

function Stage({ layers }: { layers: Layers }) {
  const { replay } = useReplay();
  const frame = useRef<HTMLDivElement>(null);
  const poster = useStyle<HTMLDivElement>({ "background-image": posterOf(replay) });
  const state = replay.picture.value;
  return (
    <div class={`replay-stage picture-${state}`} ref={frame}>
      <div class={`poster${state === "playing" ? "" : " is-shown"}`} ref={poster} aria-hidden="true" />
      <Slot element={layers.picture} />
      <Slot element={layers.danmaku} />
      <Head />
      <div class="replay-low">
        {state === "failed" && <Failed />}
        {replay.picture.value === "playing" && replay.isMuted.value && <TapForSound />}
        <Unlock />
        <ReplayCard />
        <Controls frame={frame} />
      </div>
    </div>
  );
}

function posterOf(replay: ReturnType<typeof useReplay>["replay"]): string {
  const url = replay.playback.value?.poster_url || replay.episode.value?.poster_url || "";
  return url ? `url("${encodeURI(url)}")` : "none";
}

function Slot({ element }: { element: HTMLElement }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.append(element);
  }, [element]);
  return <div class="slot" ref={place} />;
}

function Head() {
  const { replay } = useReplay();
  const { show, language, urls, shop } = replay.page;
  return (
    <header class="replay-head">
      <div class="replay-head-row">
        <a class="icon-button" href={urls.lobby} aria-label={replay.t("back")}><Icon name="chevron-left" size={26} /></a>
        <div class="replay-title">
          <h1 class="t-15 clip">{titleOf(replay)}</h1>
          <p class="t-13 t-quiet clip">
            {replay.t("aired_on", { time: dayAndTime(show.started_at_ms, replay.page.server_ms, language) })}
            {show.likes_total > 0 && ` · ${replay.t(`likes_count_${pluralForm(show.likes_total, language)}`, { count: compactCount(show.likes_total, language) })}`}
          </p>
        </div>
        <button type="button" class="icon-button" aria-label={replay.t("settings_open")} onClick={() => (replay.sheet.value = "settings")}><Icon name="captions" size={24} /></button>
        <button type="button" class="icon-button" aria-pressed={preferences.value.isDanmakuOn} aria-label={replay.t("danmaku_toggle")} onClick={() => prefer({ isDanmakuOn: !preferences.value.isDanmakuOn })}>
          <Icon name={preferences.value.isDanmakuOn ? "danmaku" : "danmaku-off"} size={24} />
        </button>
      </div>
      <div class="badge-row">
        <span class="badge is-white"><Icon name="replay" size={14} />{replay.t("badge_replay")}</span>
        <span class="badge">{replay.t("ad_label", { shop: shop.name })}</span>
      </div>
    </header>
  );
}

function titleOf(replay: ReturnType<typeof useReplay>["replay"]): string {
  const { show } = replay.page;
  const episode = replay.episode.value;
  if (replay.isLivePart.value) return show.host_name ? replay.t("live_with", { name: show.host_name }) : replay.t("live_part");
  return episode ? replay.t("episode_title", { title: episode.title, number: episode.number }) : show.title;
}

function Controls({ frame }: { frame: { current: HTMLDivElement | null } }) {
  const { replay, reel } = useReplay();
  const isPlaying = replay.isPlaying.value;
  const fullscreen = () => void (document.fullscreenElement ? document.exitFullscreen() : frame.current?.requestFullscreen?.());
  return (
    <div class="controls">
      <button type="button" class="icon-button" onClick={() => reel.toggle()} aria-label={isPlaying ? replay.t("pause") : replay.t("play")}><Icon name={isPlaying ? "pause" : "play"} size={24} /></button>
      <span class="controls-time"><b>{clockText(replay.atMs.value)}</b> / {clockText(replay.page.show.duration_ms)}</span>
      <span class="top-gap" />
      <button type="button" class="icon-button" onClick={() => (reel.stage.muted = !reel.stage.muted)} aria-label={replay.isMuted.value ? replay.t("sound_on") : replay.t("sound_off")}><Icon name={replay.isMuted.value ? "volume-off" : "volume"} size={24} /></button>
      <button type="button" class="icon-button" onClick={() => (replay.sheet.value = "share")} aria-label={replay.t("share")}><Icon name="share" size={24} /></button>
      {document.fullscreenEnabled && <button type="button" class="icon-button" onClick={fullscreen} aria-label={replay.t("fullscreen")}><Icon name="fullscreen" size={24} /></button>}
    </div>
  );
}

function TapForSound() {
  const { replay, reel } = useReplay();
  return <button type="button" class="button is-white replay-sound" onClick={() => (reel.stage.muted = false)}><Icon name="volume-off" />{replay.t("tap_for_sound")}</button>;
}

function Failed() {
  const { replay, reel } = useReplay();
  return (
    <div class="notice is-warn" role="alert">
      <Icon name="alert" size={22} />
      <p class="notice-text"><span class="notice-title">{replay.t("picture_failed")}</span>{replay.t("picture_failed_text", { time: clockText(replay.atMs.value) })}</p>
      <button type="button" class="button is-line" onClick={() => reel.retry()}>{replay.t("try_again")}</button>
    </div>
  );
}

function Unlock() {
  const { replay } = useReplay();
  const playback = replay.playback.value;
  if (!playback?.is_locked) return null;
  const { unlock, number } = playback;
  return (
    <section class="unlock" aria-label={replay.t("unlock_title", { number })}>
      <h2 class="t-20">{replay.t("unlock_title", { number })}</h2>
      {unlock ? (
        <button
          type="button"
          class="button is-primary is-tall is-wide"
          onClick={() => {
            replay.buying.value = { productId: unlock.product_id, variantId: unlock.variant_id, moment: null };
            replay.sheet.value = "checkout";
          }}
        >
          {replay.t("unlock_for", { price: unlock.price.text })}
        </button>
      ) : (
        <p class="t-quiet">{replay.t("not_for_sale")}</p>
      )}
    </section>
  );
}

function Nothing() {
  const { replay } = useReplay();
  return (
    <main id="main" class="state replay-empty">
      <span class="state-icon"><Icon name="replay" size={26} /></span>
      <h1 class="t-24">{replay.t("empty_replay")}</h1>
      <p class="state-text">{replay.t("empty_replay_text")}</p>
      <p class="state-actions"><a class="button is-primary" href={replay.page.urls.lobby}>{replay.t("other_rooms")}</a></p>
    </main>
  );
}
