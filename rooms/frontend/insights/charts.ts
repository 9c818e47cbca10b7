/** Apache ECharts as far as the page draws with it. */
import { BarChart, LineChart } from "echarts/charts";
import { BrushComponent, DataZoomComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, BrushComponent, DataZoomComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

/** The page's policy allows no inline style, so tooltips are drawn, not written as HTML. */
export const TOOLTIP = { trigger: "axis", renderMode: "richText", confine: true } as const;
export const QUIET = "#8a8a94";

/** Draw into a place of a fixed size; it follows the place's width. */
export function draw(place: HTMLElement, option: EChartsCoreOption): EChartsType {
  const chart = init(place, null, { renderer: "canvas" });
  chart.setOption({ animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, ...option });
  new ResizeObserver(() => chart.resize()).observe(place);
  return chart;
}
