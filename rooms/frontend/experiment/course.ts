/** The course of a verdict as a chart: the interval as a band over time, the estimate as a line in it. */
import type { Texts } from "@merchants/design/texts";
import type { EChartsCoreOption } from "echarts/core";

/** Fractions; null while nothing could be said. */
export interface CoursePoint {
  at_ms: number;
  lift: number | null;
  low: number | null;
  high: number | null;
}

export interface Course {
  lines: { name: string; points: CoursePoint[] }[];
  texts: Texts<"interval" | "lift" | "none">;
}

type Spot = [atMs: number, percent: number];

export interface Band {
  low: Spot[];
  /** How far the upper edge lies above the lower one. */
  width: Spot[];
  lift: Spot[];
}

/** In per cent. Judgements that could not say anything are left out: the band begins with the first one that did. */
export function bandOf(points: readonly CoursePoint[]): Band {
  const band: Band = { low: [], width: [], lift: [] };
  for (const { at_ms, lift, low, high } of points) {
    if (lift === null || low === null || high === null) continue;
    band.low.push([at_ms, low * 100]);
    band.width.push([at_ms, (high - low) * 100]);
    band.lift.push([at_ms, lift * 100]);
  }
  return band;
}

export function percentText(percent: number): string {
  return `${percent < 0 ? "−" : percent > 0 ? "+" : ""}${Math.abs(percent).toFixed(1)} %`;
}

/** What stands at a moment: `+8.0 % (−1.2 % … +17.2 %)`. */
export function spotText(band: Band, place: number): string {
  const at = (spots: readonly Spot[]) => spots[place]?.[1] ?? 0;
  return `${percentText(at(band.lift))} (${percentText(at(band.low))} … ${percentText(at(band.low) + at(band.width))})`;
}

export function courseOption(points: readonly CoursePoint[], texts: Course["texts"], accent: string): EChartsCoreOption {
  const band = bandOf(points);
  const edge = { type: "line", stack: "band", stackStrategy: "all", showSymbol: false, lineStyle: { opacity: 0 }, silent: true } as const;
  return {
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      confine: true,
      formatter: (shown: { dataIndex: number }[]) => `${new Date(band.lift[shown[0]?.dataIndex ?? 0]?.[0] ?? 0).toLocaleString()}\n${spotText(band, shown[0]?.dataIndex ?? 0)}`,
    },
    grid: { left: 8, right: 16, top: 24, bottom: 8, containLabel: true },
    xAxis: { type: "time", axisLabel: { hideOverlap: true } },
    yAxis: { type: "value", scale: true, axisLabel: { formatter: percentText } },
    series: [
      { ...edge, name: texts.interval, data: band.low },
      { ...edge, name: texts.interval, data: band.width, areaStyle: { color: accent, opacity: 0.18 } },
      {
        type: "line",
        name: texts.lift,
        data: band.lift,
        symbolSize: 5,
        lineStyle: { color: accent },
        itemStyle: { color: accent },
        markLine: { symbol: "none", silent: true, lineStyle: { color: "#8a8a94", type: "dashed" }, label: { formatter: texts.none, position: "insideEndTop" }, data: [{ yAxis: 0 }] },
      },
    ],
  };
}
