/** The cues of the episode on air: each with its countdown; the next one can be fired now or skipped. */
import { Icon } from "@merchants/design/icons";
import { stockOf } from "../show/cards";
import { clockText, timecode } from "../show/format";
import type { CueView } from "../show/wire";
import { useConsole } from "./context";

export function Cues() {
  const { model } = useConsole();
  const { room, t } = model;
  const cues = room.playback.value?.cues ?? [];
  const position = room.positionMs.value;
  const nextId = cues.find((cue) => cue.at_ms > position)?.id;
  const passed = cues.filter((cue) => cue.at_ms <= position).length;
  return (
    <section class="cues" aria-labelledby="cues-title">
      <header class="panel-head">
        <h2 id="cues-title" class="t-15">{room.episode.value ? t("cues_in", { title: room.episode.value.title }) : t("cues")}</h2>
        {cues.length > 0 && <span class="t-12 t-quiet">{t("cues_fired", { passed, count: cues.length })}</span>}
      </header>
      {cues.length === 0 ? <p class="panel-empty t-quiet">{t("no_cues")}</p> : <ol class="cue-list">{cues.map((cue) => <Row key={cue.id} cue={cue} isNext={cue.id === nextId} />)}</ol>}
    </section>
  );
}

function Row({ cue, isNext }: { cue: CueView; isNext: boolean }) {
  const { model, desk } = useConsole();
  const { room, page, t } = model;
  const entry = room.entry.value;
  const position = room.positionMs.value;
  const product = cue.product_id ? room.product(cue.product_id) : null;
  const isSkipped = entry !== null && room.show.value.lowered.has(`${entry.seq}:${cue.id}`);
  const isUp = cue.at_ms <= position && position < cue.at_ms + cue.duration_ms && !isSkipped;
  const isPassed = cue.at_ms + cue.duration_ms <= position;
  return (
    <li class={`cue-row${isNext ? " is-next" : ""}${isPassed ? " is-passed" : ""}${isUp ? " is-up" : ""}`}>
      <span class="cue-count mono">{cue.at_ms > position ? clockText(cue.at_ms - position) : ""}</span>
      <span class="cue-at mono">{timecode(cue.at_ms)}</span>
      <Icon name="card" size={16} />
      <span class="cue-title clip">{product?.title ?? t(`cue_${cue.kind}`)}</span>
      <span class="cue-detail t-quiet clip">{product ? t("price_and_stock", { price: product.variants[0]?.price.text ?? "", left: stockOf(product).left }) : ""}</span>
      <span class="cue-acts">
        {isSkipped ? <span class="t-12 t-quiet">{t("skipped")}</span> : isPassed ? <span class="cue-done"><Icon name="check" size={14} />{t("fired")}</span> : null}
        {page.can_air && !isSkipped && !isPassed && (
          <>
            {!isUp && <button type="button" class={`small-button${isNext ? " is-fire" : ""}`} onClick={() => void desk.fire(cue.id)}>{t("fire")}{isNext && <kbd class="keycap">F</kbd>}</button>}
            <button type="button" class="small-button" onClick={() => void desk.skip(cue.id)}>{isUp ? t("lower") : t("skip")}{isNext && <kbd class="keycap">X</kbd>}</button>
          </>
        )}
      </span>
    </li>
  );
}
