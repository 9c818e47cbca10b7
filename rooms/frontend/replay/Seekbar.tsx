/** The timeline: heat of the crowd above a bar to seek with, and a chip for each product that was shown. */
import { Icon } from "@merchants/design/icons";
import { clockText } from "../show/format";
import { useStyle } from "../show/style";
import { useReplay } from "./context";
import type { Moment } from "./state";
import { heatPath } from "./timeline";

const WIDTH = 600;
const HEIGHT = 40;
const STEP_MS = 5_000;
const CHIP_GAP = 0.075;

export function Seekbar() {
  const { replay, reel } = useReplay();
  const { duration_ms } = replay.page.show;
  const atMs = replay.atMs.value;
  const share = duration_ms ? atMs / duration_ms : 0;
  const path = heatPath(replay.page.heat, WIDTH, HEIGHT);
  const done = useStyle<SVGGElement>({ "clip-path": `inset(0 ${(1 - share) * 100}% 0 0)` });
  return (
    <div class="seek">
      <svg class="heat" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={replay.t("loudest")}>
        <path class="heat-all" d={path} />
        <g ref={done}><path class="heat-done" d={path} /></g>
      </svg>
      <input
        class="seek-bar"
        type="range"
        min={0}
        max={Math.max(1, duration_ms)}
        step={STEP_MS / 50}
        value={atMs}
        aria-label={replay.t("replay_position")}
        aria-valuetext={`${clockText(atMs)} / ${clockText(duration_ms)}`}
        onInput={(event) => void reel.seek(Number(event.currentTarget.value))}
        onKeyDown={(event) => {
          const step = event.key === "ArrowRight" ? STEP_MS : event.key === "ArrowLeft" ? -STEP_MS : 0;
          if (!step) return;
          event.preventDefault();
          void reel.seek(atMs + step);
        }}
      />
      <Chips durationMs={duration_ms} />
      <LeftOutNotes />
    </div>
  );
}

/** Live parts that the timeline had to leave out. */
function LeftOutNotes() {
  const { replay } = useReplay();
  const { left_out, is_being_prepared } = replay.page;
  if (left_out.length === 0) return null;
  const key = is_being_prepared ? "prepared" : "left_out";
  return (
    <ul class="left-out">
      {left_out.map((part) => <li key={part.at_ms} class="t-13 t-quiet">{replay.t(key, { time: clockText(part.at_ms), length: clockText(part.length_ms) })}</li>)}
    </ul>
  );
}

/** Chips keep clear of each other; the rows below are the targets for everybody. */
function Chips({ durationMs }: { durationMs: number }) {
  const { replay } = useReplay();
  let last = -1;
  const shown = replay.page.moments.filter((moment) => {
    const share = moment.at_ms / Math.max(1, durationMs);
    if (last >= 0 && share - last < CHIP_GAP) return false;
    last = share;
    return true;
  });
  return <div class="chips" aria-hidden="true">{shown.map((moment) => <Chip key={moment.key} moment={moment} durationMs={durationMs} />)}</div>;
}

function Chip({ moment, durationMs }: { moment: Moment; durationMs: number }) {
  const { replay, reel } = useReplay();
  const place = useStyle<HTMLButtonElement>({ left: `${(moment.at_ms / Math.max(1, durationMs)) * 100}%` });
  const isNow = replay.moment.value?.key === moment.key;
  return (
    <button ref={place} type="button" tabIndex={-1} class={`cue-chip${isNow ? " is-now" : ""}`} onClick={() => void reel.seek(moment.at_ms)}>
      <Icon name="bag" size={16} />
    </button>
  );
}
