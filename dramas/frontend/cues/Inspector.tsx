/** The chosen cue: time to the millisecond, how long it stays, product, line. */
import { Icon } from "@merchants/design/icons";
import { useEffect, useState } from "preact/hooks";
import type { Cue } from "../player/playback";
import type { Editor } from "./editor";
import { formatTimecode, parseTimecode } from "./timecode";

interface FieldProps {
  id: string;
  label: string;
  value: string;
  hint?: string;
  error: string;
  isMono?: boolean;
  disabled: boolean;
  /** Gives back what is wrong with the text, or an empty string. */
  onCommit: (text: string) => string;
}

function TextField({ id, label, value, hint, error, isMono, disabled, onCommit }: FieldProps) {
  const [text, setText] = useState(value);
  const [own, setOwn] = useState("");
  useEffect(() => {
    setText(value);
    setOwn("");
  }, [value]);
  const commit = () => text !== value && setOwn(onCommit(text));
  const wrong = own || error;
  return (
    <div class="field">
      <label class="field-label" for={id}>{label}</label>
      <input
        id={id} class={`field-box${isMono ? " mono" : ""}`} value={text} disabled={disabled} aria-invalid={wrong ? "true" : undefined} aria-describedby={`${id}-hint`}
        onInput={(event) => setText(event.currentTarget.value)} onBlur={commit} onKeyDown={(event) => event.key === "Enter" && commit()}
      />
      {wrong ? <p class="field-error" id={`${id}-hint`} role="alert">{wrong}</p> : hint ? <small class="field-help" id={`${id}-hint`}>{hint}</small> : null}
    </div>
  );
}

export function Inspector({ editor }: { editor: Editor }) {
  const { texts, may_edit: mayEdit, kinds } = editor.state;
  const cue = editor.selected.value;
  if (!cue) return <aside class="inspector" aria-label={texts["inspector"]}><p class="t-faint">{texts["nothing_chosen"]}</p></aside>;
  const saving = editor.saving.value;
  const refused = (field: string) => (saving.kind === "refused" && saving.field === field ? saving.message : "");
  const setTime = (text: string) => {
    const at = parseTimecode(text);
    if (at === null) return texts["bad_time"]!;
    void editor.save(cue.id, { at_ms: at });
    return "";
  };
  const setStay = (text: string) => {
    const seconds = Number(text.replace(",", "."));
    if (!(seconds > 0)) return texts["bad_seconds"]!;
    void editor.save(cue.id, { duration_ms: Math.round(seconds * 1000) });
    return "";
  };
  const setLine = (line: string) => {
    void editor.save(cue.id, { payload: { ...cue.payload, line } });
    return "";
  };
  return (
    <aside class="inspector" aria-label={texts["inspector"]} key={cue.id}>
      <div class="inspector-head"><Icon name="card" size={18} /><b>{kinds.find((kind) => kind.name === cue.kind)?.label ?? cue.kind}</b>
        {mayEdit && <button type="button" class="icon-button" aria-label={texts["remove"]} onClick={() => void editor.remove(cue.id)}><Icon name="trash" size={18} /></button>}
      </div>
      <TextField id="cue-at" label={texts["starts_at"]!} value={formatTimecode(cue.at_ms)} hint={texts["starts_hint"]!} error={refused("at_ms")} isMono disabled={!mayEdit} onCommit={setTime} />
      {mayEdit && <button type="button" class="button is-line is-small" onClick={() => void editor.save(cue.id, { at_ms: editor.snap(editor.positionMs.value) })}>{texts["from_playhead"]}</button>}
      <TextField id="cue-stay" label={texts["stays_for"]!} value={String(cue.duration_ms / 1000)} error={refused("duration_ms")} disabled={!mayEdit} onCommit={setStay} />
      <ProductPicker editor={editor} cue={cue} error={refused("product_id")} />
      <TextField id="cue-line" label={texts["line"]!} value={String(cue.payload["line"] ?? "")} hint={texts["line_hint"]!} error={refused("line")} disabled={!mayEdit} onCommit={setLine} />
    </aside>
  );
}

function ProductPicker({ editor, cue, error }: { editor: Editor; cue: Cue; error: string }) {
  const { texts, products, may_edit: mayEdit } = editor.state;
  const chosen = editor.product(cue.product_id);
  return (
    <div class="field">
      <label class="field-label" for="cue-product">{texts["product"]}</label>
      <div class="product-choice">
        {chosen?.image_url ? <img src={chosen.image_url} alt="" width={40} height={40} /> : <span class="phone-card-blank" />}
        <select id="cue-product" class="field-box" disabled={!mayEdit} value={cue.product_id ?? ""} aria-invalid={error ? "true" : undefined} onChange={(event) => void editor.save(cue.id, { product_id: event.currentTarget.value || null })}>
          {!chosen && <option value="">{texts["choose_product"]}</option>}
          {products.map((product) => <option key={product.id} value={product.id}>{[product.title, product.price].filter(Boolean).join(", ")}</option>)}
        </select>
      </div>
      {error && <p class="field-error" role="alert">{error}</p>}
    </div>
  );
}
