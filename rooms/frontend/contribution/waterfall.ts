/** From sales to contribution as a waterfall: each bar hangs where the one before it ended. */
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";
import type { EChartsCoreOption } from "echarts/core";

export interface Step {
  label: string;
  amount_minor: number;
  total_minor: number;
  is_total: boolean;
  /** The amount as the reader's language writes it. */
  text: string;
}

export interface ContributionPage {
  steps: Step[];
  currency: string;
}

/** From where to where a step's bar reaches; a total stands on the ground. */
export function barOf(step: Step): [from: number, to: number] {
  return step.is_total ? [0, step.total_minor] : [step.total_minor - step.amount_minor, step.total_minor];
}

export function waterfallOption({ steps }: ContributionPage, colors: { total: string; more: string; less: string }): EChartsCoreOption {
  const bars = steps.map((step, place) => [place, ...barOf(step)]);
  const colorOf = (step: Step) => (step.is_total ? colors.total : step.amount_minor < 0 ? colors.less : colors.more);
  return {
    tooltip: { trigger: "item", renderMode: "richText", confine: true, formatter: ({ dataIndex }: { dataIndex: number }) => `${steps[dataIndex]?.label}: ${steps[dataIndex]?.text}` },
    grid: { left: 8, right: 8, top: 28, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: steps.map((step) => step.label), axisTick: { show: false }, axisLabel: { interval: 0, rotate: steps.length > 6 ? 30 : 0 } },
    yAxis: { type: "value", axisLabel: { show: false }, splitNumber: 4 },
    series: [{ type: "custom", data: bars, encode: { x: 0, y: [1, 2] }, renderItem }],
  };

  function renderItem(_params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
    const step = steps[Number(api.value(0))]!;
    const [one, other] = [api.coord([api.value(0), api.value(1)]), api.coord([api.value(0), api.value(2)])] as [[number, number], [number, number]];
    const band = (api.size?.([1, 0]) as [number, number])[0];
    const width = Math.min(64, band * 0.64);
    const [top, bottom] = [Math.min(one[1], other[1]), Math.max(one[1], other[1])];
    return {
      type: "group",
      children: [
        { type: "rect", shape: { x: one[0] - width / 2, y: top, width, height: Math.max(1, bottom - top), r: 2 }, style: { fill: colorOf(step) } },
        { type: "text", style: { text: step.text, x: one[0], y: top - 4, align: "center", verticalAlign: "bottom", fontSize: 11, fill: colors.total } },
      ],
    } as const;
  }
}
