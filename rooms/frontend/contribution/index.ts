/** The office's page of contribution: the waterfall. Its table says the same. */
import { readState } from "@merchants/design/texts";
import { CustomChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { waterfallOption, type ContributionPage } from "./waterfall";

use([CustomChart, GridComponent, TooltipComponent, CanvasRenderer]);

const place = document.getElementById("waterfall");
if (place) {
  const token = (name: string, other: string) => getComputedStyle(document.body).getPropertyValue(name).trim() || other;
  const chart = init(place, null, { renderer: "canvas" });
  const colors = { total: token("--text-1", "#26262c"), more: token("--ok", "#1f9d61"), less: token("--danger", "#d13b45") };
  chart.setOption({ animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, ...waterfallOption(readState<ContributionPage>(), colors) });
  new ResizeObserver(() => chart.resize()).observe(place);
}
