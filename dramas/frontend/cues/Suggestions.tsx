/** The heat of the episode under its timeline, and the moments that stand out, each to be gone to and tried out. */
import { Icon } from "@merchants/design/icons";
import { fill, type Texts } from "@merchants/design/texts";
import { barsOf, keyOf, type Heat, type HeatSecond, type Moment } from "./heat";
import { formatLength } from "./timecode";

interface SuggestionsProps {
  heat: Heat;
  durationMs: number;
  texts: Texts;
  onSeek: (ms: number) => void;
}

export function Suggestions({ heat, durationMs, texts, onSeek }: SuggestionsProps) {
  const state = heat.state.value;
  if (state.kind === "hidden") return null;
  return (
    <section class="heat" aria-labelledby="heat-title">
      <div class="section-head"><h2 id="heat-title">{texts["heat"]}</h2><p>{texts["heat_hint"]}</p></div>
      {state.kind === "loading" && <p class="heat-note" role="status">{texts["heat_loading"]}</p>}
      {state.kind === "failed" && (
        <p class="heat-note" role="alert">{state.message} <button type="button" class="button is-line is-small" onClick={() => void heat.load()}>{texts["again"]}</button></p>
      )}
      {state.kind === "shown" && (
        <>
          <HeatLane seconds={state.outlook.heat} durationMs={durationMs} texts={texts} />
          {state.outlook.rooms.length > 1 && state.outlook.may_test && (
            <label class="heat-room">{texts["test_room"]}
              <select class="field-box" value={heat.roomId.value} onChange={(event) => (heat.roomId.value = event.currentTarget.value)}>
                {state.outlook.rooms.map((room) => <option key={room.id} value={room.id}>{room.title}</option>)}
              </select>
            </label>
          )}
          {state.outlook.moments.length === 0 && <p class="heat-note">{texts["no_moments"]}</p>}
          <ul class="moments">
            {state.outlook.moments.map((moment) => <MomentRow key={keyOf(moment)} moment={moment} heat={heat} mayTest={state.outlook.may_test} texts={texts} onSeek={onSeek} />)}
          </ul>
        </>
      )}
    </section>
  );
}

function HeatLane({ seconds, durationMs, texts }: { seconds: HeatSecond[]; durationMs: number; texts: Texts }) {
  const bars = barsOf(seconds);
  const length = Math.max(1, durationMs / 1000);
  if (bars.length === 0) return <p class="heat-note">{texts["no_heat"]}</p>;
  return (
    <svg class="heat-lane" viewBox={`0 0 ${length} 40`} preserveAspectRatio="none" role="img" aria-label={texts["heat_spoken"]}>
      {bars.map((bar) => (
        <g key={bar.second}>
          <rect class="heat-up" x={bar.second} y={28 - bar.up * 28} width={0.9} height={bar.up * 28} />
          <rect class="heat-down" x={bar.second} y={28} width={0.9} height={bar.down * 12} />
        </g>
      ))}
    </svg>
  );
}

interface MomentRowProps {
  moment: Moment;
  heat: Heat;
  mayTest: boolean;
  texts: Texts;
  onSeek: (ms: number) => void;
}

function MomentRow({ moment, heat, mayTest, texts, onSeek }: MomentRowProps) {
  const draft = heat.drafts.value[keyOf(moment)];
  const at = formatLength(moment.begin_s * 1000);
  return (
    <li class="moment">
      <button type="button" class="moment-at mono" aria-label={fill(texts["go_to"]!, { at })} onClick={() => onSeek(moment.begin_s * 1000)}>{at}</button>
      <p class="moment-text"><b>{moment.what}</b><small>{moment.doubt}</small>{draft?.kind === "refused" && <span class="field-error" role="alert">{draft.message}</span>}</p>
      {draft?.kind === "made" ? (
        <a class="button is-line is-small" href={draft.url}>{texts["open_draft"]}</a>
      ) : mayTest && moment.cue_id ? (
        <button type="button" class="button is-line is-small" disabled={draft?.kind === "asking"} onClick={() => void heat.draft(moment)}><Icon name="sparkle" size={16} />{texts["test_it"]}</button>
      ) : null}
    </li>
  );
}
