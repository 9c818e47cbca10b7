/** All cues of the episode; choosing one goes there. */
import { Icon } from "@merchants/design/icons";
import { fill } from "@merchants/design/texts";
import type { Editor } from "./editor";
import { formatTimecode } from "./timecode";

export function CueList({ editor, onSeek }: { editor: Editor; onSeek: (ms: number) => void }) {
  const { texts } = editor.state;
  const cues = editor.cues.value;
  const choose = (id: string, atMs: number) => {
    editor.selectedId.value = id;
    onSeek(atMs);
  };
  return (
    <section class="cue-list" aria-labelledby="cues-title">
      <div class="section-head"><h2 id="cues-title">{texts["cues"]}</h2><p>{cues.length ? fill(texts["count"]!, { count: cues.length }) : texts["none"]}</p></div>
      <ul>
        {cues.map((cue) => {
          const product = editor.product(cue.product_id);
          return (
            <li key={cue.id} id={`cue-${cue.id}`}>
              <button type="button" class={`cue-row${cue.id === editor.selectedId.value ? " is-selected" : ""}`} aria-pressed={cue.id === editor.selectedId.value} onClick={() => choose(cue.id, cue.at_ms)}>
                <span class="mono">{formatTimecode(cue.at_ms)}</span>
                <span class="cue-kind"><Icon name="card" size={16} />{editor.state.kinds.find((kind) => kind.name === cue.kind)?.label}</span>
                <span class="clip">{product ? [product.title, product.price].filter(Boolean).join(", ") : "—"}</span>
                <span>{cue.duration_ms / 1000} s</span>
                <span class="t-faint">{product?.is_limited ? fill(texts["stock"]!, { count: product.available }) : ""}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
