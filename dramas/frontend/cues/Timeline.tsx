/** The timeline: a ruler, the lane of cards, the playhead. Cards are dragged, or moved with the arrow keys. */
import { Icon } from "@merchants/design/icons";
import { fill } from "@merchants/design/texts";
import { useRef } from "preact/hooks";
import type { Cue } from "../player/playback";
import type { Editor } from "./editor";
import { formatLength, formatTimecode } from "./timecode";

const RULER_STEPS_MS = [1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000];
const MOST_TICKS = 12;
const SAVE_AFTER_KEY_MS = 500;
/** Of the timeline's width, what a product's name needs. */
const NAME_SHARE = 0.22;

interface TimelineProps {
  editor: Editor;
  onSeek: (ms: number) => void;
}

export function Timeline({ editor, onSeek }: TimelineProps) {
  const track = useRef<HTMLDivElement>(null);
  const { durationMs, state } = editor;
  const share = (ms: number) => `${(100 * Math.min(ms, durationMs)) / durationMs}%`;
  const msAt = (clientX: number) => {
    const box = track.current!.getBoundingClientRect();
    return Math.min(durationMs, Math.max(0, ((clientX - box.left) / box.width) * durationMs));
  };
  const scrub = (event: PointerEvent) => {
    if (event.type === "pointerdown") (event.currentTarget as Element).setPointerCapture(event.pointerId);
    if (event.buttons & 1) onSeek(editor.snap(msAt(event.clientX)));
  };
  return (
    <section class="timeline" aria-label={state.texts["timeline"]}>
      <div class="lane-labels" aria-hidden="true"><span class="lane-label is-ruler" /><span class="lane-label"><Icon name="card" size={16} />{state.texts["lane"]}</span></div>
      <div class="lanes" ref={track}>
        <div class="ruler" onPointerDown={scrub} onPointerMove={scrub}>
          {ticks(durationMs).map((ms) => <span key={ms} class="tick" style={{ left: share(ms) }}>{formatLength(ms)}</span>)}
        </div>
        <div class="lane" onPointerDown={(event) => event.target === event.currentTarget && scrub(event)}>
          {editor.cues.value.map((cue, place, all) => (
            <LaneCue key={cue.id} cue={cue} roomMs={(all[place + 1]?.at_ms ?? durationMs) - cue.at_ms - cue.duration_ms} editor={editor} share={share} msAt={msAt} />
          ))}
        </div>
        <span class="playhead" style={{ left: share(editor.positionMs.value) }}><span class="playhead-time mono">{formatTimecode(editor.positionMs.value)}</span></span>
      </div>
    </section>
  );
}

interface LaneCueProps {
  cue: Cue;
  /** Free time behind it: the name stands there when it fits, else inside. */
  roomMs: number;
  editor: Editor;
  share: (ms: number) => string;
  msAt: (clientX: number) => number;
}

function LaneCue({ cue, roomMs, editor, share, msAt }: LaneCueProps) {
  const grabbed = useRef<{ offsetMs: number; moved: boolean } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const { texts, may_edit: mayEdit } = editor.state;
  const product = editor.product(cue.product_id);
  const inside = (ms: number) => Math.min(Math.max(0, editor.snap(ms)), Math.max(0, editor.durationMs - cue.duration_ms));

  const onPointerDown = (event: PointerEvent) => {
    editor.selectedId.value = cue.id;
    if (!mayEdit || event.button !== 0) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    grabbed.current = { offsetMs: msAt(event.clientX) - cue.at_ms, moved: false };
  };
  const onPointerMove = (event: PointerEvent) => {
    if (!grabbed.current) return;
    grabbed.current.moved = true;
    editor.draw(cue.id, { at_ms: inside(msAt(event.clientX) - grabbed.current.offsetMs) });
  };
  const onPointerUp = () => {
    if (grabbed.current?.moved) void editor.save(cue.id);
    grabbed.current = null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || !mayEdit) return;
    event.preventDefault();
    event.stopPropagation();
    editor.draw(cue.id, { at_ms: inside(cue.at_ms + step * (event.shiftKey ? 10 : 1) * editor.frameMs) });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void editor.save(cue.id), SAVE_AFTER_KEY_MS);
  };
  const spoken = { product: product?.title ?? "", at: formatTimecode(cue.at_ms), seconds: cue.duration_ms / 1000 };
  const isSelected = editor.selectedId.value === cue.id;
  const isTight = roomMs < editor.durationMs * NAME_SHARE;
  return (
    <button
      type="button"
      class={`lane-cue${isSelected ? " is-selected" : ""}${isTight ? " is-tight" : ""}`}
      style={{ left: share(cue.at_ms), width: share(cue.duration_ms) }}
      aria-label={fill(texts["cue_spoken"]!, spoken)}
      aria-pressed={isSelected}
      onFocus={() => (editor.selectedId.value = cue.id)}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
      onKeyDown={onKeyDown}
    >
      <Icon name="card" size={14} />
      <span class="lane-cue-name" aria-hidden="true">{product?.title}</span>
    </button>
  );
}

/** Places of the ruler's numbers: the smallest step that gives at most twelve. Pure. */
export function ticks(durationMs: number): number[] {
  const step = RULER_STEPS_MS.find((one) => durationMs / one <= MOST_TICKS) ?? 60_000;
  return Array.from({ length: Math.ceil(durationMs / step) }, (_, number) => number * step);
}
