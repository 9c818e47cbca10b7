/** What lies over the picture: title, controls, card, episodes, price, end. */
import { Icon } from "@merchants/design/icons";
import { fill } from "@merchants/design/texts";
import type { Card, Watch } from "./model";
import type { EpisodeItem } from "./state";
import { formatLength } from "../cues/timecode";

interface ViewProps {
  watch: Watch;
  /** Opens the payment sheet for a variant. */
  onBuy: (variantId: string, onPaid: () => void) => void;
}

export function View({ watch, onBuy }: ViewProps) {
  const { state, current, trouble } = watch;
  const { texts } = state;
  const problem = trouble.value && !watch.isLocked.value ? texts[`trouble_${trouble.value.kind}`] : watch.message.value;
  return (
    <>
      <header class="watch-top">
        <a class="icon-button" href="/" aria-label={texts["back"]}><Icon name="chevron-left" /></a>
        <span class="watch-title"><b class="clip">{state.season.title}</b><small class="clip">{current.value.number}. {current.value.title}</small></span>
        <span class="badge is-white">{fill(texts["of"]!, { number: current.value.number, all: state.episodes.length })}</span>
        <button type="button" class="icon-button watch-drawer-button" aria-label={texts["episodes"]} aria-expanded={watch.isDrawerOpen.value} onClick={() => (watch.isDrawerOpen.value = !watch.isDrawerOpen.value)}><Icon name="list" /></button>
      </header>
      {state.is_draft && <p class="watch-draft" role="note">{texts["draft"]}</p>}
      {problem && (
        <p class="watch-trouble" role="status">{problem}{trouble.value && trouble.value.retryInMs === null && <button type="button" class="button is-quiet" onClick={() => watch.stage.retry()}>{texts["retry"]}</button>}</p>
      )}
      {watch.isLocked.value ? <Locked watch={watch} onBuy={onBuy} /> : watch.hasEnded.value ? <Ended watch={watch} /> : <Playing watch={watch} onBuy={onBuy} />}
    </>
  );
}

function Playing({ watch, onBuy }: ViewProps) {
  const { texts } = watch.state;
  const playback = watch.playback.value;
  const atMs = Math.min(watch.positionMs.value, playback.duration_ms);
  const isPlaying = watch.isPlaying.value;
  return (
    <>
      <button type="button" class="watch-tap" aria-hidden="true" tabIndex={-1} onClick={() => watch.toggle()} />
      {!isPlaying && <button type="button" class="watch-big-play" aria-label={texts["play"]} onClick={() => watch.toggle()}><Icon name="play" size={32} /></button>}
      {isPlaying && watch.isMuted.value && <button type="button" class="button is-white watch-sound" onClick={() => watch.toggleSound()}><Icon name="volume-off" size={18} />{texts["sound_on"]}</button>}
      <div class="watch-low">
        {watch.card.value && <CardView key={watch.card.value.cue.id} watch={watch} card={watch.card.value} onBuy={onBuy} />}
        <div class="watch-progress">
          <span class="watch-time">{formatLength(atMs)}</span>
          <span class="watch-track">
            <progress class="watch-done" max={playback.duration_ms} value={atMs} aria-hidden="true" />
            {playback.cues.map((cue) => <span key={cue.id} class="watch-tick" style={{ left: `${(100 * cue.at_ms) / playback.duration_ms}%` }} />)}
            <input type="range" min={0} max={playback.duration_ms} step={1000} value={Math.round(atMs)} aria-label={texts["seek"]} aria-valuetext={formatLength(atMs)} onInput={(event) => watch.seek(Number(event.currentTarget.value))} />
          </span>
          <span class="watch-time">{formatLength(playback.duration_ms)}</span>
        </div>
        <div class="watch-bar">
          <button type="button" class="icon-button" aria-label={isPlaying ? texts["pause"] : texts["play"]} onClick={() => watch.toggle()}><Icon name={isPlaying ? "pause" : "play"} /></button>
          <button type="button" class="icon-button" aria-label={watch.isMuted.value ? texts["unmute"] : texts["mute"]} aria-pressed={!watch.isMuted.value} onClick={() => watch.toggleSound()}><Icon name={watch.isMuted.value ? "volume-off" : "volume"} /></button>
          <CaptionChoice watch={watch} />
          {watch.next.value && <button type="button" class="button is-quiet watch-next" onClick={() => void watch.open({ episode_id: watch.next.value!.id, position_ms: 0 })}>{texts["next"]}<Icon name="next" size={18} /></button>}
        </div>
      </div>
    </>
  );
}

function CaptionChoice({ watch }: { watch: Watch }) {
  const { texts } = watch.state;
  const offered = watch.playback.value.captions;
  if (offered.length === 0) return null;
  const chosen = offered.find((track) => track.lang.toLowerCase().split("-")[0] === watch.captions.value.toLowerCase().split("-")[0]);
  return (
    <label class="watch-captions">
      <Icon name="captions" /><span class="unseen">{texts["captions"]}</span>
      <select value={chosen?.lang ?? ""} onChange={(event) => watch.chooseCaptions(event.currentTarget.value)}>
        <option value="">{texts["captions_off"]}</option>
        {offered.map((track) => <option key={track.lang} value={track.lang}>{track.label}</option>)}
      </select>
    </label>
  );
}

function CardView({ watch, card, onBuy }: ViewProps & { card: Card }) {
  const { texts } = watch.state;
  const { product, cue } = card;
  const variant = product.variants.find((one) => one.available > 0) ?? product.variants[0];
  const line = typeof cue.payload["line"] === "string" ? cue.payload["line"] : "";
  const isSoldOut = !variant || variant.available === 0;
  return (
    <section class="watch-card" aria-label={product.title}>
      {product.image_url && <img src={product.image_url} alt="" width={96} height={128} />}
      <div class="watch-card-text">
        <div class="watch-card-head"><h2 class="t-15 clip-2">{product.title}</h2><button type="button" class="icon-button" aria-label={texts["close"]} onClick={() => watch.dismiss()}><Icon name="close" size={18} /></button></div>
        {line && <p class="t-13 t-quiet clip-2">{line}</p>}
        {variant?.is_limited && <p class="t-12 t-faint">{isSoldOut ? texts["sold_out"] : fill(texts["left"]!, { count: variant.available })}</p>}
        <div class="watch-card-buy"><b class="t-17">{variant?.price.text}</b><button type="button" class="button is-primary" disabled={isSoldOut} onClick={() => variant && onBuy(variant.id, () => undefined)}>{texts["buy"]}</button></div>
      </div>
    </section>
  );
}

function Locked({ watch, onBuy }: ViewProps) {
  const { texts } = watch.state;
  const { unlock, number, episode_id: episodeId, poster_url: poster } = watch.playback.value;
  return (
    <section class="watch-gate" aria-labelledby="gate-title">
      {poster && <img class="watch-gate-poster" src={poster} alt="" />}
      <div class="watch-gate-body">
        <span class="state-icon"><Icon name="lock" size={24} /></span>
        <h2 id="gate-title" class="t-20">{fill(texts["locked_title"]!, { number })}</h2>
        <p class="state-text">{unlock ? texts["locked_text"] : texts["not_for_sale"]}</p>
        {unlock && <button type="button" class="button is-primary is-tall" onClick={() => onBuy(unlock.variant_id, () => void watch.unlock(episodeId))}>{fill(texts["unlock"]!, { price: unlock.price.text })}</button>}
        <button type="button" class="button is-quiet" onClick={() => (watch.isDrawerOpen.value = true)}>{texts["watch_free"]}</button>
      </div>
    </section>
  );
}

function Ended({ watch }: { watch: Watch }) {
  const { texts, episodes } = watch.state;
  return (
    <section class="watch-gate"><div class="watch-gate-body">
      <h2 class="t-20">{texts["ended"]}</h2>
      <button type="button" class="button is-primary" onClick={() => void watch.open({ episode_id: episodes[0]!.id, position_ms: 0 })}><Icon name="replay" size={18} />{texts["again"]}</button>
    </div></section>
  );
}

/** All episodes: beside the picture on wide screens, over it on phones. */
export function Drawer({ watch }: { watch: Watch }) {
  const { texts, episodes, season } = watch.state;
  return (
    <>
      <div class="watch-drawer-head"><h2 class="t-17">{texts["episodes"]}</h2><button type="button" class="icon-button watch-drawer-close" aria-label={texts["close"]} onClick={() => (watch.isDrawerOpen.value = false)}><Icon name="close" /></button></div>
      <ol class="watch-list">{episodes.map((item) => <DrawerItem key={item.id} watch={watch} item={item} />)}</ol>
      {season.licence_line && <p class="t-12 t-faint watch-licence">{season.licence_line}</p>}
    </>
  );
}

function DrawerItem({ watch, item }: { watch: Watch; item: EpisodeItem }) {
  const { texts } = watch.state;
  const isCurrent = watch.current.value.id === item.id;
  const isLocked = watch.isItemLocked(item);
  return (
    <li>
      <button type="button" class={`watch-item${isCurrent ? " is-current" : ""}`} aria-current={isCurrent ? "true" : undefined} onClick={() => void watch.open({ episode_id: item.id, position_ms: 0 })}>
        <span class="watch-item-picture">{item.poster_url && <img src={item.poster_url} alt="" width={54} height={72} loading="lazy" />}{isLocked && <span class="watch-item-lock"><Icon name="lock" size={18} label={texts["locked"]} /></span>}</span>
        <span class="watch-item-text"><b class="clip">{item.number}. {item.title}</b><small>{item.length}{isLocked && item.unlock ? ` · ${item.unlock.price.text}` : ""}</small></span>
      </button>
    </li>
  );
}
