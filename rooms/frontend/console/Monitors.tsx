/** Preview and program, and between them what is done with one hand. */
import { Icon, type IconName } from "@merchants/design/icons";
import { Ring } from "@merchants/design/ring";
import { useLayoutEffect, useRef } from "preact/hooks";
import { clockText } from "../show/format";
import { SHOWING } from "../room/model";
import { isOnAir, remainingOf } from "../show/program";
import { useConsole } from "./context";
import { Hold } from "./Hold";
import { HostMonitor } from "./live/HostMonitor";
import { Sources } from "./live/Sources";

const UNDO_MS = 10_000;

export function Monitors({ picture }: { picture: HTMLElement }) {
  const { model } = useConsole();
  return (
    <section class="monitors">
      {model.isHostChosen.value ? <HostMonitor /> : <Preview />}
      <Actions />
      <Program picture={picture} />
      {model.page.can_air && <Sources />}
    </section>
  );
}

function Preview() {
  const { model } = useConsole();
  const { room, t } = model;
  const slot = model.preview.value;
  const left = model.placeToReturn.value;
  const episode = room.season.value?.episodes.find((one) => one.id === slot?.episode_id);
  return (
    <figure class="monitor is-preview">
      <figcaption><b>{t("preview")}</b><span class="clip">{left && model.isReturning.value ? t("episode_at", { number: left.number, time: clockText(left.atMs) }) : slot ? t("episode_number", { number: slot.number }) : "–"}</span></figcaption>
      <div class="monitor-picture">
        {episode?.poster_url ? <img src={episode.poster_url} alt="" /> : <span class="monitor-none"><Icon name="film" size={28} /></span>}
        {slot && <p class="monitor-title">{slot.title}</p>}
      </div>
    </figure>
  );
}

function Program({ picture }: { picture: HTMLElement }) {
  const { model } = useConsole();
  const { room, t } = model;
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.append(picture);
  }, []);
  const source = room.entry.value?.source;
  const scene = room.scene.value;
  const isShowing = SHOWING.has(scene);
  const card = room.card.value;
  const product = card && room.product(card.productId);
  return (
    <figure class="monitor is-program">
      <figcaption><b>{t("program")}</b><span class="clip">{isShowing && source?.number ? t("episode_at", { number: source.number, time: clockText(room.positionMs.value) }) : t(`scene_${scene}`)}</span></figcaption>
      <div class={`monitor-picture scene-${scene}`}>
        <div class="slot" ref={place} />
        {!isShowing && <p class="monitor-slate">{source?.title || t(`scene_${scene}`)}</p>}
        {product && <p class="monitor-card"><Icon name="card" size={16} /><span class="clip">{product.title}</span><span class="mono">{clockText(card.untilMs - room.nowMs.value)}</span></p>}
      </div>
    </figure>
  );
}

function Actions() {
  const { model, desk } = useConsole();
  const { room, page, t } = model;
  const { moves, problem } = model.state.value;
  const entry = room.entry.value;
  const leftMs = entry ? remainingOf(entry, room.nowMs.value) : null;
  const isLive = model.isLive.value;
  const isTakeable = model.isHostChosen.value ? moves.go_live : (moves.next || model.isReturning.value) && Boolean(model.preview.value?.is_ready);
  if (!page.can_air) return <div class="actions"><p class="t-quiet">{t("moderator_view")}</p></div>;
  if (!isOnAir(room.show.value.state)) {
    return (
      <div class="actions">
        <Hold class="take is-start" hint={t("hold_hint")} disabled={!moves.start} onHeld={() => void desk.press("start")}>
          {t("start_show")}<span class="t-12">{t("hold")}</span>
        </Hold>
        {problem && <p class="t-13 console-problem"><Icon name="alert" size={16} />{t(`problem_${problem}`)}</p>}
        <Undo />
      </div>
    );
  }
  return (
    <div class="actions">
      <p class="t-12 t-quiet">{isLive ? t("live_for") : leftMs === null ? t("no_end") : t("scene_ends_in")}</p>
      <p class="actions-left mono" role="timer">{isLive ? clockText(room.positionMs.value) : leftMs === null ? "–:––" : clockText(leftMs)}</p>
      <button type="button" class="take" disabled={!isTakeable} onClick={() => void desk.take()}>
        {t("take")}<kbd class="keycap">{t("key_space")}</kbd>
      </button>
      <Auto />
      <Act icon="previous" text={t("previous")} keycap="P" isOn={moves.previous} press={() => void desk.press("previous")} />
      <Act icon="slate" text={t("slate")} keycap="S" isOn={moves.slate} press={() => void desk.press("slate")} />
      <Back />
      <Undo />
    </div>
  );
}

/** The cut to the host at the episode's end: armed and called off with the same key. */
function Auto() {
  const { model, desk } = useConsole();
  const { room, t } = model;
  const { moves, live } = model.state.value;
  const atMs = live.announced_at_ms;
  if (atMs !== null && atMs > room.nowMs.value) {
    return (
      <button type="button" class="act is-armed" aria-pressed="true" onClick={() => void desk.press("return")}>
        <Icon name="broadcast" size={16} /><span>{t("auto_armed", { time: clockText(atMs - room.nowMs.value) })}</span><kbd class="keycap">A</kbd>
      </button>
    );
  }
  return <Act icon="broadcast" text={t("auto_at_end")} keycap="A" isOn={moves.go_live_at_end} press={() => void desk.goLive(true)} />;
}

/** Back to the episode; from the host, to where it stood. */
function Back() {
  const { model, desk } = useConsole();
  const { room, t } = model;
  const { moves } = model.state.value;
  const left = model.placeToReturn.value;
  if (room.scene.value !== "live" || !left) return <Act icon="undo" text={t("back_to_episode")} keycap="B" isOn={moves.back} press={() => void desk.press("back")} />;
  return <Act icon="undo" text={t("return_to", { number: left.number, time: clockText(left.atMs) })} keycap="B" isOn={moves.return} press={() => void desk.press("return")} />;
}

function Act({ icon, text, keycap, isOn, press }: { icon: IconName; text: string; keycap: string; isOn: boolean; press: () => void }) {
  return (
    <button type="button" class="act" disabled={!isOn} onClick={press}>
      <Icon name={icon} size={16} />
      <span>{text}</span>
      <kbd class="keycap">{keycap}</kbd>
    </button>
  );
}

/** Ten seconds to take the last move back, shown as they pass. */
function Undo() {
  const { model, desk } = useConsole();
  const { room, t } = model;
  const undo = model.room.show.value.undo;
  const leftMs = undo ? undo.until_ms - room.nowMs.value : 0;
  if (!undo || leftMs <= 0) return null;
  return (
    <button type="button" class="act is-undo" onClick={() => void desk.press("undo")}>
      <Ring share={leftMs / UNDO_MS} size={28} stroke={3}>{Math.ceil(leftMs / 1000)}</Ring>
      <span>{t("undo_move", { move: t(`move_${undo.move}`) })}</span>
      <kbd class="keycap">U</kbd>
    </button>
  );
}
