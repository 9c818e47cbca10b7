/** Viewers by source, and tags by what viewers did. */
import { Loaded } from "./Loaded";
import { money, percent } from "./format";
import { reportUrl, say } from "./page";

interface AudienceRow {
  group: string;
  viewers: number;
  returned_share: number;
  interacted_share: number;
  conversion: number;
  conversion_low: number;
  conversion_high: number;
  revenue_per_viewer: number;
}

export function Audience() {
  return (
    <Loaded<{ rows: AudienceRow[] }> url={reportUrl("audience", { split: "source" })} isEmpty={({ rows }) => rows.length === 0}>
      {({ rows }) => (
        <div class="figures-scroll" tabIndex={0} role="region" aria-labelledby="audience-title">
          <table class="figures">
            <thead><tr><th scope="col">{say("source")}</th><th scope="col" class="num">{say("viewers")}</th><th scope="col" class="num">{say("returned")}</th><th scope="col" class="num">{say("took_part")}</th><th scope="col" class="num">{say("bought")}</th><th scope="col" class="num">{say("revenue_per_viewer")}</th></tr></thead>
            <tbody>{rows.map((row) => (
              <tr key={row.group}><th scope="row">{row.group || say("direct")}</th><td class="num">{row.viewers}</td><td class="num">{percent(row.returned_share)}</td><td class="num">{percent(row.interacted_share)}</td><td class="num"><Interval value={row.conversion} low={row.conversion_low} high={row.conversion_high} /></td><td class="num">{money(row.revenue_per_viewer)}</td></tr>
            ))}</tbody>
          </table>
        </div>
      )}
    </Loaded>
  );
}

interface TagRow {
  tag: string;
  label: string;
  viewers: number;
  interaction_estimate: number;
  interaction_low: number;
  interaction_high: number;
  conversion_estimate: number;
  conversion_low: number;
  conversion_high: number;
  conversion_rank: number;
}

export function Tags() {
  return (
    <>
      <Loaded<{ rows: TagRow[] }> url={reportUrl("tags")} isEmpty={({ rows }) => rows.length === 0} emptyText={say("no_tags")}>
        {({ rows }) => (
          <div class="figures-scroll" tabIndex={0} role="region" aria-labelledby="tags-title">
            <table class="figures">
              <thead><tr><th scope="col">{say("tag")}</th><th scope="col" class="num">{say("rank")}</th><th scope="col" class="num">{say("viewers")}</th><th scope="col" class="num">{say("took_part")}</th><th scope="col" class="num">{say("bought")}</th></tr></thead>
              <tbody>{rows.map((row) => (
                <tr key={row.tag}><th scope="row">{row.label}</th><td class="num">{row.conversion_rank}</td><td class="num">{row.viewers}</td><td class="num"><Interval value={row.interaction_estimate} low={row.interaction_low} high={row.interaction_high} /></td><td class="num"><Interval value={row.conversion_estimate} low={row.conversion_low} high={row.conversion_high} /></td></tr>
              ))}</tbody>
            </table>
          </div>
        )}
      </Loaded>
      <p class="t-12 t-quiet insights-note">{say("tags_hint")}</p>
    </>
  );
}

function Interval({ value, low, high }: { value: number; low: number; high: number }) {
  return <>{percent(value)} <small class="t-quiet">{percent(low)} – {percent(high)}</small></>;
}
