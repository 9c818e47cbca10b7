/** What led to the orders: the first touch, the last one, all of them alike, side by side, net of what went back. */
import { useEffect, useRef, useState } from "preact/hooks";
import { QUIET, TOOLTIP, draw } from "./charts";
import { Loaded } from "./Loaded";
import { accent, reportUrl, say } from "./page";
import { money } from "./format";

interface Row {
  touch: string;
  first_orders: number;
  last_orders: number;
  linear_orders: number;
  first_net_minor: number;
  last_net_minor: number;
  linear_net_minor: number;
  last_gross_minor: number;
  last_returned_minor: number;
}

const KINDS = ["source", "room", "cue"] as const;
const MODELS = ["first", "last", "linear"] as const;
const DRAWN = 8;

export function Attribution({ names }: { names: Readonly<Record<string, string>> }) {
  const [kind, setKind] = useState<(typeof KINDS)[number]>("source");
  return (
    <>
      <div class="switch" role="group" aria-labelledby="attribution-title">
        {KINDS.map((one) => <button key={one} type="button" class={`button is-small ${one === kind ? "is-dark" : "is-line"}`} aria-pressed={one === kind} onClick={() => setKind(one)}>{say(`touch_${one}`)}</button>)}
      </div>
      <Loaded<{ rows: Row[] }> url={reportUrl("attribution", { touch: kind })} isEmpty={({ rows }) => rows.length === 0}>
        {({ rows }) => <Touches rows={rows.map((row) => ({ ...row, touch: nameOf(row.touch, kind, names) }))} />}
      </Loaded>
      <p class="t-12 t-quiet insights-note">{say("attribution_hint")}</p>
    </>
  );
}

function nameOf(touch: string, kind: string, names: Readonly<Record<string, string>>): string {
  if (touch === "(unknown)") return say("unknown");
  if (touch === "(direct)") return say("direct");
  return kind === "source" ? touch : (names[touch] ?? say("gone"));
}

function Touches({ rows }: { rows: Row[] }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const shown = rows.slice(0, DRAWN);
    const colors = { first: QUIET, last: "#15151a", linear: accent };
    const chart = draw(place.current!, {
      tooltip: { ...TOOLTIP, valueFormatter: (value: number) => money(value) },
      legend: { top: 0, left: 0 },
      grid: { left: 8, right: 24, top: 32, bottom: 8, containLabel: true },
      xAxis: { type: "value", axisLabel: { formatter: (value: number) => money(value), hideOverlap: true } },
      yAxis: { type: "category", inverse: true, data: shown.map((row) => row.touch), axisTick: { show: false } },
      series: MODELS.map((model) => ({ type: "bar", name: say(model), itemStyle: { color: colors[model], borderRadius: 2 }, data: shown.map((row) => row[`${model}_net_minor`]) })),
    });
    return () => chart.dispose();
  }, [rows]);
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  return (
    <>
      <div class="insights-chart" role="img" aria-labelledby="attribution-title" ref={place} />
      <div class="figures-scroll" tabIndex={0} role="region" aria-labelledby="attribution-title">
        <table class="figures">
          <thead>
            <tr><th scope="col">{say("touch")}</th>{MODELS.map((model) => <th key={model} scope="col" class="num">{say(model)}</th>)}<th scope="col" class="num">{say("orders")}</th></tr>
          </thead>
          <tbody>{rows.map((row) => (
            <tr key={row.touch}><th scope="row">{row.touch}</th>{MODELS.map((model) => <td key={model} class="num">{money(row[`${model}_net_minor`])}</td>)}<td class="num">{row.last_orders}</td></tr>
          ))}</tbody>
          <tfoot><tr><th scope="row">{say("total")}</th>{MODELS.map((model) => <td key={model} class="num">{money(sum((row) => row[`${model}_net_minor`]))}</td>)}<td class="num">{sum((row) => row.last_orders)}</td></tr></tfoot>
        </table>
      </div>
    </>
  );
}
