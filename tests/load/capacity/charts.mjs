// Draws charts without a browser: ECharts options as JSON in, one SVG for each out, as JSON.
import { readFileSync } from "node:fs";
import * as echarts from "echarts";

const options = JSON.parse(readFileSync(0, "utf8"));
const drawn = options.map((option) => {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: 680, height: 340 });
  chart.setOption({ animation: false, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
});
process.stdout.write(JSON.stringify(drawn));
