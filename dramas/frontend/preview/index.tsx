/** The preview before air: one episode at phone size, with its cards where they will be. */
import { render } from "preact";
import { Editor } from "../cues/editor";
import { Phone } from "../cues/Phone";
import { loadState } from "../cues/state";

function Preview({ editor }: { editor: Editor }) {
  const card = editor.cardAt(editor.positionMs.value);
  const { playback, texts } = editor.state;
  return <Phone playback={playback} positionMs={editor.positionMs} card={card} product={editor.product(card?.product_id ?? null)} frameMs={editor.frameMs} texts={texts} onStage={(stage) => void stage.play()} />;
}

const root = document.getElementById("preview");
if (root) render(<Preview editor={new Editor(loadState())} />, root);
