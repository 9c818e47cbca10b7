/** The line of who is still watching, with the plot under it: cues, episodes, where people leave, orders by second. */
import { fill } from "@merchants/design/texts";
import type { EChartsCoreOption } from "echarts/core";
import { QUIET, TOOLTIP, draw } from "./charts";
import { percent } from "./format";
import { accent, page, say } from "./page";
import { bandOf, beginsOf, countsAt, namedOf, placeAt, pointsOf, spanOf, type Place, type Stills } from "./story";

export interface PlotEpisode {
  id: string;
  number: number;
  title: string;
  duration_ms: number;
  poster_url: string;
  storyboard: Stills | null;
  nodes: { id: string; at_ms: number; duration_ms: number; kind: string; label: string }[];
  orders: Record<string, number>;
}

export type Shown = "watching" | "leaving";

interface Told {
  onPlace: (place: Place) => void;
  onSpan: (span: { episode: number; beginS: number; endS: number }) => void;
}

type Begins = ReadonlyMap<number, number>;

const INK = "#15151a";
/** Of the line's width, what a name needs beside the next one. */
const NAME_SHARE = 0.18;
const DRAGGED = { brushType: "lineX", brushMode: "single" } as const;

/** Draw it, and give back how to show the other line. */
export function drawRetention(where: HTMLElement, episodes: readonly PlotEpisode[], { onPlace, onSpan }: Told): (shown: Shown) => void {
  const lengths = new Map(episodes.map((episode) => [episode.number, Math.ceil(episode.duration_ms / 1000)]));
  const begins = beginsOf(page.seconds, lengths);
  const length = lengthOf(begins, lengths);
  const chart = draw(where, optionOf(episodes, begins, length));
  let at = 0;
  const show = (to: number) => {
    at = Math.min(length - 1, Math.max(0, to));
    onPlace(placeAt(at, begins));
  };
  chart.on("updateAxisPointer", (event) => {
    const value = (event as { axesInfo?: { value: number }[] }).axesInfo?.[0]?.value;
    if (value !== undefined) show(Math.round(value));
  });
  chart.on("brushEnd", (event) => {
    const range = (event as { areas?: { coordRange?: [number, number] }[] }).areas?.[0]?.coordRange;
    if (range) onSpan(spanOf(range[0], range[1], begins));
  });
  chart.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption: DRAGGED });
  where.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    show(at + step * (event.shiftKey ? 10 : 1));
  });
  return (shown) => chart.setOption({ series: seriesOf(shown, begins, episodes, length), yAxis: [yAxisOf(shown), {}] }, { replaceMerge: ["series"] });
}

/** To the last second that there is or that anybody has seen. */
function lengthOf(begins: Begins, lengths: ReadonlyMap<number, number>): number {
  const ends = [...lengths].map(([number, length]) => (begins.get(number) ?? 0) + length);
  return Math.max(1, ...ends, ...pointsOf(page.seconds, begins).map((point) => point.at + 1));
}

function optionOf(episodes: readonly PlotEpisode[], begins: Begins, length: number): EChartsCoreOption {
  const nameOf = (at: number) => fill(say("place"), { ...placeAt(at, begins) });
  const axis = { type: "value", min: 0, max: length, splitLine: { show: false } };
  return {
    tooltip: { ...TOOLTIP, formatter: (found: { axisValue: number }[]) => spoken(found[0]?.axisValue ?? 0, begins) },
    axisPointer: { link: [{ xAxisIndex: "all" }], label: { formatter: ({ value }: { value: number }) => nameOf(value) } },
    brush: { xAxisIndex: 0, ...DRAGGED, brushStyle: { color: `${QUIET}33`, borderColor: QUIET } },
    grid: [{ left: 56, right: 24, top: 32, height: 200 }, { left: 56, right: 24, top: 248, height: 48 }],
    dataZoom: [{ type: "slider", xAxisIndex: [0, 1], height: 18, bottom: 4, labelFormatter: nameOf }],
    xAxis: [
      { ...axis, gridIndex: 0, axisLabel: { show: false }, axisTick: { show: false } },
      { ...axis, gridIndex: 1, axisLabel: { formatter: nameOf, hideOverlap: true } },
    ],
    yAxis: [yAxisOf("watching"), { type: "value", gridIndex: 1, minInterval: 1, splitNumber: 1, splitLine: { show: false } }],
    series: seriesOf("watching", begins, episodes, length),
  };
}

const yAxisOf = (shown: Shown) =>
  shown === "watching"
    ? { type: "value", gridIndex: 0, min: 0, max: 1, minInterval: 0.1, axisLabel: { formatter: (value: number) => `${Math.round(value * 100)} %` } }
    : { type: "value", gridIndex: 0, min: 0, max: null, minInterval: 1, axisLabel: { formatter: (value: number) => String(value) } };

/** What a second is called and how many were there, in lines. */
function spoken(at: number, begins: Begins): string {
  const place = placeAt(at, begins);
  const { watching, left } = countsAt(place, page.seconds);
  const most = Math.max(0, ...page.seconds.map((row) => row.watching));
  return [fill(say("place"), { ...place }), `${say("watching")}: ${watching} (${percent(bandOf(watching, most).share)})`, `${say("leaving")}: ${left}`].join("\n");
}

function seriesOf(shown: Shown, begins: Begins, episodes: readonly PlotEpisode[], length: number): object[] {
  const nodes = { symbol: "none", silent: true, label: { formatter: ({ name }: { name: string }) => name }, data: linesOf(episodes, begins, length) };
  const bought = episodes.flatMap((episode) => Object.entries(episode.orders).map(([second, count]) => [(begins.get(episode.number) ?? 0) + Number(second), count]));
  const orders = { id: "orders", type: "bar", name: say("orders_by_second"), xAxisIndex: 1, yAxisIndex: 1, barMaxWidth: 6, data: bought, itemStyle: { color: accent } };
  if (shown === "leaving") {
    const left = page.seconds.filter((row) => row.left > 0).map((row) => [(begins.get(row.episode) ?? 0) + row.second, row.left]);
    return [{ id: "left", type: "bar", name: say("leaving"), barMaxWidth: 6, data: left, itemStyle: { color: INK }, markLine: nodes }, orders];
  }
  const most = Math.max(0, ...page.seconds.map((row) => row.watching));
  const points = pointsOf(page.seconds, begins).map((point) => ({ at: point.at, ...bandOf(point.watching, most) }));
  const bare = { type: "line", step: "end", showSymbol: false, silent: true, lineStyle: { opacity: 0 }, stack: "band", tooltip: { show: false } };
  return [
    { ...bare, id: "low", data: points.map((point) => [point.at, point.low]) },
    { ...bare, id: "high", data: points.map((point) => [point.at, point.high - point.low]), areaStyle: { color: QUIET, opacity: 0.25 } },
    { id: "line", type: "line", name: say("watching"), step: "end", showSymbol: false, data: points.map((point) => [point.at, point.share]), lineStyle: { color: INK, width: 2 }, itemStyle: { color: INK }, markLine: nodes },
    orders,
  ];
}

/** Cues dashed, episodes' beginnings faint, where people leave dotted in the accent with the share along the line. */
function linesOf(episodes: readonly PlotEpisode[], begins: Begins, length: number): object[] {
  const cues = episodes.flatMap((episode) => episode.nodes.map((node) => ({ at: (begins.get(episode.number) ?? 0) + node.at_ms / 1000, label: node.label })));
  const named = namedOf(cues.map((cue) => cue.at), length * NAME_SHARE);
  return [
    ...cues.map((cue, place) => ({ xAxis: cue.at, name: named.has(place) ? cue.label : "", lineStyle: { color: QUIET, type: "dashed" } })),
    ...[...begins].slice(1).map(([, begin]) => ({ xAxis: begin, name: "", lineStyle: { color: "#c9c9d1", type: "solid" } })),
    ...page.drops.map((drop) => ({
      xAxis: (begins.get(drop.episode) ?? 0) + drop.second, name: `−${(drop.hazard * 100).toFixed(1)} %`, lineStyle: { color: accent, type: "dotted" }, label: { position: "insideEndTop", color: accent },
    })),
  ];
}
