/** Every line into the room as its node hears it, and what is wrong with the host's own, in words. */
import { useConsole } from "../context";
import type { LineState } from "../state";
import { bitrateText, lossText, verdictOn } from "./verdict";

const HEARD_MS = 1_500;

export function Lines() {
  const { model, host } = useConsole();
  const { t } = model;
  const { lines, recording } = model.state.value.live;
  const figures = host.figures.value;
  const verdict = figures && verdictOn(figures);
  if (lines.length === 0 && !figures) return null;
  return (
    <div class="lines">
      {lines.map((line) => <Line key={`${line.line}:${line.role}:${line.name}`} line={line} />)}
      <Recording code={recording} />
      {figures && verdict && (
        <>
          <p class="t-12 mono line-own">{figures.width ? `${figures.width}×${figures.height}` : "–"}, {t("pictures_per_s", { count: figures.framesPerS })}</p>
          <p class={`t-12 verdict${verdict === "good" ? " is-good" : ""}`} role="status">{t(`verdict_${verdict}`)}</p>
        </>
      )}
    </div>
  );
}

const KNOWN = new Set(["on", "recording_disk_full", "recording_too_large"]);

/** Whether the replay will have this. */
function Recording({ code }: { code: string }) {
  const { t } = useConsole().model;
  if (!code) return null;
  const isOn = code === "on";
  return <p class={`t-12 ${isOn ? "t-quiet" : "verdict"}`} role={isOn ? undefined : "alert"}>{t(`kept_${KNOWN.has(code) ? code : "recording_failed"}`)}</p>;
}

function Line({ line }: { line: LineState }) {
  const { model } = useConsole();
  const { room, t } = model;
  const video = line.media.find((one) => one.kind === "video");
  const isHeard = line.is_connected && line.heard_ms !== null && line.heard_ms < HEARD_MS;
  const isOnAir = isHeard && line.is_on_air && room.scene.value === "live";
  const state = !isHeard ? "silent" : isOnAir ? "on_air" : line.role === "backup" && !line.is_on_air ? "armed" : "ready";
  return (
    <div class={`line-row is-${state}`}>
      <p class="line-head"><span class="dot" /><b>{t(`line_${line.role}`)}</b><span>{t(`line_is_${state}`)}</span></p>
      {isHeard && video && (
        <p class="t-12 t-quiet mono">
          {bitrateText(line.media.reduce((sum, one) => sum + one.bitrate_kbps, 0) * 1000)}, {lossText(video.lost_permille / 1000)}
          {line.round_trip_ms !== null && `, ${t("milliseconds", { ms: Math.round(line.round_trip_ms) })}`}
        </p>
      )}
    </div>
  );
}
