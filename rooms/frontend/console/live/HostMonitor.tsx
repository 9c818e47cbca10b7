/** The preview while it shows the host's own camera: picture, level, and what to do when there is none. */
import { Icon } from "@merchants/design/icons";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useStyle } from "../../show/style";
import { useConsole } from "../context";
import { isOwnOnAir } from "./tally";
import { PROBLEMS } from "./words";

export function HostMonitor() {
  const { model, host } = useConsole();
  const { t } = model;
  const source = host.source.value;
  const isOnAir = isOwnOnAir(model, host);
  return (
    <figure class={`monitor is-${isOnAir ? "program" : "preview"}`}>
      <figcaption><b>{t("preview")}</b><span class="clip">{t(source ? `source_${source.kind}` : "host_line")}</span></figcaption>
      <div class="monitor-picture">
        {source ? <OwnPicture stream={host.picture.value ?? source.stream} isMirrored={source.kind === "camera"} /> : <NoPicture />}
        {isOnAir && <span class="badge is-live tally"><span class="dot" />{t("line_is_on_air")}</span>}
        {source && <Level />}
      </div>
    </figure>
  );
}

function OwnPicture({ stream, isMirrored }: { stream: MediaStream; isMirrored: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  useLayoutEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    element.muted = true;
    element.play().catch(() => undefined); // another source came first
  }, [stream]);
  return <video ref={video} class={`host-picture${isMirrored ? " is-mirrored" : ""}`} playsInline muted tabIndex={-1} />;
}

function NoPicture() {
  const { model, host } = useConsole();
  const { t } = model;
  const problem = host.problem.value;
  if (problem) {
    const words = PROBLEMS[problem.problem];
    return (
      <div class="host-none is-problem" role="alert">
        <Icon name="alert" size={26} />
        <p class="host-problem">{t(words.what)}</p>
        <p class="t-12">{t(words.next)}</p>
        {problem.kind !== "file" && <button type="button" class="small-button" onClick={() => void host.open(problem.kind)}>{t("try_again")}</button>}
      </div>
    );
  }
  return (
    <div class="host-none">
      <Icon name="camera" size={28} />
      <p class="t-quiet">{t(host.opening.value ? "source_opening" : "source_choose")}</p>
    </div>
  );
}

/** Green, then gold, then red: too loud is as bad as silent. */
function Level() {
  const { model, host } = useConsole();
  const { t } = model;
  const level = host.level.value;
  const bar = useStyle<HTMLSpanElement>({ transform: `scaleX(${level})` });
  const hasSound = (host.source.value?.stream.getAudioTracks().length ?? 0) > 0;
  if (!hasSound) return <p class="host-level is-none"><Icon name="volume-off" size={16} />{t("no_sound")}</p>;
  return (
    <div class="host-level" role="meter" aria-label={t("sound_level")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(level * 100)}>
      <Icon name="mic" size={16} />
      <span class="level-bar"><span ref={bar} class={level > 0.95 ? "is-loud" : ""} /></span>
    </div>
  );
}
