/** The cue editor of an episode's office page. */
import { Icon } from "@merchants/design/icons";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Stage } from "../player/stage";
import { CueList } from "./CueList";
import { Editor } from "./editor";
import { Heat } from "./heat";
import { Inspector } from "./Inspector";
import { Phone } from "./Phone";
import { loadState } from "./state";
import { Suggestions } from "./Suggestions";
import { Timeline } from "./Timeline";

function CueEditor({ editor, heat }: { editor: Editor; heat: Heat }) {
  const stage = useRef<Stage | null>(null);
  const { state } = editor;
  const seek = (ms: number) => stage.current?.seek(ms);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => press(event, editor, stage.current);
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [editor]);
  const card = editor.cardAt(editor.positionMs.value);
  return (
    <div class="editor">
      <Phone playback={state.playback} positionMs={editor.positionMs} card={card} product={editor.product(card?.product_id ?? null)} frameMs={editor.frameMs} texts={state.texts} onStage={(made) => (stage.current = made)} />
      <div class="editor-middle">
        <div class="editor-bar">
          {state.may_edit && <button type="button" class="button is-line" onClick={() => void editor.addAtPlayhead()}><Icon name="plus" size={16} />{state.texts["cue_at_playhead"]}<kbd class="keycap">C</kbd></button>}
          <small class="t-faint">{state.texts["keys"]}</small>
          <SavingNote editor={editor} />
        </div>
        <Timeline editor={editor} onSeek={seek} />
        <CueList editor={editor} onSeek={seek} />
        <Suggestions heat={heat} durationMs={editor.durationMs} texts={state.texts} onSeek={seek} />
      </div>
      <Inspector editor={editor} />
    </div>
  );
}

function SavingNote({ editor }: { editor: Editor }) {
  const saving = editor.saving.value;
  const { texts } = editor.state;
  if (saving.kind === "refused") return <p class="saving is-refused" role="alert">{texts["not_saved"]}: {saving.message}</p>;
  return <p class="saving" role="status">{saving.kind === "saving" ? texts["saving"] : saving.kind === "saved" ? texts["saved"] : ""}</p>;
}

/** Space plays, arrows go by a frame (with Shift by ten), C puts a cue at the playhead. */
function press(event: KeyboardEvent, editor: Editor, stage: Stage | null): void {
  const isTyping = (event.target as Element).closest("input, select, textarea, button, a, [contenteditable]") !== null;
  if (!stage || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.key === " ") {
    if (stage.isPlaying) stage.pause();
    else void stage.play();
  } else if (step !== undefined) {
    stage.pause();
    stage.seek(editor.positionMs.value + step * (event.shiftKey ? 10 : 1) * editor.frameMs);
  } else if (event.key.toLowerCase() === "c" && editor.state.may_edit) {
    void editor.addAtPlayhead();
  } else {
    return;
  }
  event.preventDefault();
}

const root = document.getElementById("cue-editor");
if (root) {
  const editor = new Editor(loadState());
  const heat = new Heat(editor.state.episode_id, editor.state.texts["offline"] ?? "");
  render(<CueEditor editor={editor} heat={heat} />, root);
  void heat.load();
}
