/** The upload panel: one of choose, sending, being converted, ready, failed. */
import { Icon } from "@merchants/design/icons";
import { fill } from "@merchants/design/texts";
import { useRef, useState } from "preact/hooks";
import type { Model, Sending } from "./model";

const ACCEPTED = "video/mp4,video/quicktime,video/webm,video/x-matroska,.mp4,.m4v,.mov,.mkv,.webm";

export function UploadPanel({ model }: { model: Model }) {
  const sending = model.sending.value;
  return (
    <div class="upload">
      {sending ? <SendingView model={model} sending={sending} /> : model.isAtWork.value ? <WorkView model={model} /> : <RestView model={model} />}
      <p class="upload-problem" role="alert">{model.problem.value && model.problem.value !== model.work.value.error && <><Icon name="alert" size={16} />{model.problem.value}</>}</p>
    </div>
  );
}

function SendingView({ model, sending }: { model: Model; sending: Sending }) {
  const percent = Math.floor((100 * sending.sent) / sending.size);
  const isPaused = sending.phase === "paused";
  return (
    <section class="upload-state" aria-label={sending.name}>
      <p class="upload-title"><Icon name="film" size={16} /><b class="clip">{sending.name}</b><span>{percent} %</span></p>
      <progress class="bar" max={100} value={percent} aria-label={model.text("uploading")} />
      <p class="upload-note" aria-live="polite">{describe(model, sending)}</p>
      <div class="upload-actions">
        {sending.phase !== "checking" && (
          <button type="button" class="button is-line" onClick={() => (isPaused ? model.resume() : model.pause())}>
            <Icon name={isPaused ? "play" : "pause"} size={16} />{model.text(isPaused ? "resume" : "pause")}
          </button>
        )}
        <button type="button" class="button is-line" onClick={() => void model.cancelUpload()}>{model.text("cancel")}</button>
      </div>
    </section>
  );
}

function describe(model: Model, sending: Sending): string {
  if (sending.phase === "paused") return model.text("paused");
  if (sending.phase === "waiting") return model.text("waiting_for_line");
  if (sending.phase === "checking") return model.text("checking");
  const done = fill(model.text("of_bytes"), { done: megabytes(sending.sent), all: megabytes(sending.size) });
  if (!sending.speed) return done;
  const left = Math.ceil((sending.size - sending.sent) / sending.speed);
  return `${done} · ${fill(model.text(left < 90 ? "seconds_left" : "minutes_left"), { count: left < 90 ? left : Math.ceil(left / 60) })}`;
}

function WorkView({ model }: { model: Model }) {
  const work = model.work.value;
  const steps: Record<string, string> = { sound: "step_sound", preview: "step_preview", ladder: "step_ladder", publish: "step_publish" };
  const step = work.state === "waiting" ? model.text("step_waiting") : model.text(steps[work.step] ?? "step_sound");
  return (
    <section class="upload-state" aria-label={model.text("converting")}>
      <p class="upload-title"><Icon name="film" size={16} /><b>{model.text("converting")}</b><span>{work.percent} %</span></p>
      <progress class="bar" max={100} value={work.percent} aria-label={model.text("converting")} />
      <p class="upload-note" aria-live="polite">{step}</p>
      <Timeline model={model} />
      <div class="upload-actions">
        <button type="button" class="button is-line" onClick={() => void model.cancelWork()}>{model.text("stop")}</button>
      </div>
    </section>
  );
}

/** A preview can be watched, but this page was drawn before there was one. */
function Timeline({ model }: { model: Model }) {
  const isMissing = ["preview", "ready"].includes(model.work.value.state) && !document.getElementById("cue-editor");
  return isMissing ? <p class="upload-note"><a class="button is-line" href="">{model.text("open_timeline")}</a></p> : null;
}

function RestView({ model }: { model: Model }) {
  const work = model.work.value;
  const open = work.upload;
  return (
    <section class="upload-state" aria-label={model.text("video")}>
      {work.error && <p class="upload-failure" role="alert"><Icon name="alert" size={16} /><span><b>{model.text("failed")}</b> {work.error}</span></p>}
      {work.state === "ready" && <p class="upload-ready" role="status"><Icon name="check" size={16} />{model.text("ready")}</p>}
      {work.warnings.map((warning) => <p class="upload-note" key={warning}><Icon name="info" size={16} />{model.text(`warning_${warning}`)}</p>)}
      <Timeline model={model} />
      {open && (
        <p class="upload-note">
          {fill(model.text("continue_upload"), { name: open.filename, percent: Math.floor((100 * open.offset_bytes) / open.size_bytes) })}{" "}
          <button type="button" class="button is-line is-small" onClick={() => void model.forget()}>{model.text("forget")}</button>
        </p>
      )}
      {work.can_retry && <div class="upload-actions"><button type="button" class="button is-primary" onClick={() => void model.retry()}><Icon name="replay" size={16} />{model.text("retry")}</button></div>}
      <DropZone model={model} hasVideo={work.state === "ready"} />
    </section>
  );
}

function DropZone({ model, hasVideo }: { model: Model; hasVideo: boolean }) {
  const input = useRef<HTMLInputElement | null>(null);
  const keep = (element: HTMLInputElement | null): void => {
    input.current = element;
    // django-unfold listens to every file input and expects its own markup around it; this mark says that it did already
    if (element) Object.assign(element, { hasChangeListener: true });
  };
  const [isOver, setOver] = useState(false);
  const take = (files: FileList | null | undefined): void => {
    const file = files?.[0];
    if (file) model.take(file);
  };
  return (
    <div
      class={`drop-zone${isOver ? " is-over" : ""}`}
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => (event.preventDefault(), setOver(false), take(event.dataTransfer?.files))}
    >
      <p>{model.text(hasVideo ? "drop_other" : "drop")}</p>
      <button type="button" class="button is-line" onClick={() => input.current?.click()}>{model.text("choose")}</button>
      <input ref={keep} class="unseen" type="file" accept={ACCEPTED} tabIndex={-1} aria-label={model.text("choose")} onChange={(event) => (take(event.currentTarget.files), (event.currentTarget.value = ""))} />
      <small class="t-faint">{model.text("hint")}</small>
    </div>
  );
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0);
