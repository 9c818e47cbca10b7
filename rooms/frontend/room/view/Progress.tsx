/** How far the episode has come, with a tick for each cue: the room's own position, not a control. */
import { Icon } from "@merchants/design/icons";
import { clockText } from "../../show/format";
import type { CueView } from "../../show/wire";
import { useStyle } from "../../show/style";
import { useRoom } from "../context";

export function Progress({ withControls = false }: { withControls?: boolean }) {
  const { room } = useRoom();
  const playback = room.playback.value;
  const durationMs = room.entry.value?.duration_ms ?? playback?.duration_ms ?? 0;
  if (room.scene.value !== "drama" || !durationMs) return null;
  const positionMs = room.positionMs.value;
  return (
    <div class="progress">
      {withControls && <PauseButton />}
      <span class="t-13 progress-time">{clockText(positionMs)}</span>
      <Track positionMs={positionMs} durationMs={durationMs} cues={playback?.cues ?? []} />
      <span class="t-13 progress-time t-quiet">{clockText(durationMs)}</span>
      {withControls && <SoundButton />}
    </div>
  );
}

export function Track({ positionMs, durationMs, cues }: { positionMs: number; durationMs: number; cues: readonly CueView[] }) {
  const { room } = useRoom();
  const done = useStyle<HTMLSpanElement>({ transform: `scaleX(${Math.min(1, positionMs / durationMs)})` });
  return (
    <div
      class="track"
      role="progressbar"
      aria-label={room.t("episode_progress")}
      aria-valuemin={0}
      aria-valuemax={Math.round(durationMs / 1000)}
      aria-valuenow={Math.round(positionMs / 1000)}
      aria-valuetext={`${clockText(positionMs)} / ${clockText(durationMs)}`}
    >
      <span class="track-line"><span class="track-done" ref={done} /></span>
      {cues.map((cue) => <Tick key={cue.id} cue={cue} durationMs={durationMs} isNow={cue.at_ms <= positionMs && positionMs < cue.at_ms + Math.max(cue.duration_ms, 1000)} />)}
    </div>
  );
}

function Tick({ cue, durationMs, isNow }: { cue: CueView; durationMs: number; isNow: boolean }) {
  const place = useStyle<HTMLSpanElement>({ left: `${(cue.at_ms / durationMs) * 100}%` });
  return <span ref={place} class={`tick${isNow ? " is-now" : ""}`} />;
}

function PauseButton() {
  const { room, acts } = useRoom();
  const isPaused = room.isPaused.value;
  return (
    <button type="button" class="icon-button" onClick={acts.togglePause} aria-label={isPaused ? room.t("play") : room.t("pause")}>
      <Icon name={isPaused ? "play" : "pause"} size={22} />
    </button>
  );
}

export function SoundButton() {
  const { room, acts } = useRoom();
  const isMuted = room.isMuted.value;
  return (
    <button type="button" class="icon-button" onClick={acts.toggleSound} aria-label={isMuted ? room.t("sound_on") : room.t("sound_off")}>
      <Icon name={isMuted ? "volume-off" : "volume"} size={22} />
    </button>
  );
}
