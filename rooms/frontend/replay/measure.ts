/** What is measured of a replay: watching and jumps, cards and what became of them. */
import { effect } from "@preact/signals";
import { startMeasuring } from "../show/measuring";
import type { Replay } from "./model";
import type { Reel } from "./reel";
import type { Moment } from "./state";

/** Server time runs on from the page's; a replay has no socket to ask. */
export function measureReplay(replay: Replay, reel: Reel): void {
  const aheadMs = replay.page.server_ms - performance.now();
  const watching = startMeasuring({
    page: replay.page.measure,
    surface: "replay",
    now: () => performance.now() + aheadMs,
    stage: reel.stage,
    playhead: () => playheadOf(replay, reel),
  });
  if (!watching) return;
  let fromMs = 0;
  reel.onTick((_atMs, hasJumped) => {
    const positionMs = Math.max(0, Math.round(reel.stage.positionMs));
    if (hasJumped && fromMs > 0) {
      watching.look();
      watching.note({ k: "seek", from_ms: fromMs });
    }
    fromMs = positionMs;
  });
  let shown = "";
  effect(() => {
    const moment = replay.visibleMoment.value;
    if (!moment || moment.key === shown) return;
    shown = moment.key;
    watching.note({ k: "cue.shown", ...productOf(moment) });
  });
  effect(() => {
    const buying = replay.sheet.value === "checkout" ? replay.buying.value : null;
    if (!buying) return;
    if (buying.moment) watching.note({ k: "cue.clicked", ...productOf(buying.moment) });
    watching.note({ k: "bag", product_id: buying.productId, ...(buying.moment?.cue_id && { cue_id: buying.moment.cue_id }) });
  });
}

function productOf(moment: Moment): { product_id: string; cue_id?: string } {
  return { product_id: moment.product_id, ...(moment.cue_id && { cue_id: moment.cue_id }) };
}

function playheadOf(replay: Replay, reel: Reel) {
  const stretch = replay.stretch.value;
  if (!stretch) return null;
  return {
    programSeq: stretch.seq,
    positionMs: reel.stage.positionMs,
    episodeId: stretch.episode_id,
    isPlaying: replay.picture.value === "playing" && reel.stage.isPlaying,
    isPaused: !replay.isPlaying.value,
  };
}
