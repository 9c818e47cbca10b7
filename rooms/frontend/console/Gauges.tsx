/** The last three minutes as lines: what this console has seen since it was opened. */
import { fullCount } from "../show/format";
import { useConsole } from "./context";
import { GAUGE_LENGTH, type Gauges as Values } from "./model";

const WIDTH = 240;
const HEIGHT = 36;

export function Gauges() {
  const { model } = useConsole();
  const { page, t } = model;
  const values = model.gauges.value;
  const perMinute = (list: number[]) => list.slice(-60).reduce((sum, value) => sum + value, 0);
  const rows: [keyof Values, string, string, string][] = [
    ["viewers", t("viewers_now"), fullCount(model.room.online.value, page.language), ""],
    ["danmaku", t("danmaku"), fullCount(perMinute(values.danmaku), page.language), t("a_minute")],
    ["comments", t("comments"), fullCount(perMinute(values.comments), page.language), t("a_minute")],
    ["likes", t("likes"), fullCount(perMinute(values.likes), page.language), t("a_minute")],
  ];
  return (
    <footer class="gauges">
      {rows.map(([name, text, figure, unit]) => (
        <div key={name} class={`gauge is-${name}`}>
          <p class="gauge-head"><span class="t-quiet">{text}</span><span><b>{figure}</b> <span class="t-12 t-quiet">{unit}</span></span></p>
          <Spark values={values[name]} />
        </div>
      ))}
    </footer>
  );
}

function Spark({ values }: { values: readonly number[] }) {
  const most = Math.max(1, ...values);
  const points = values.map((value, index) => {
    const x = ((GAUGE_LENGTH - values.length + index) / (GAUGE_LENGTH - 1)) * WIDTH;
    return `${x.toFixed(1)} ${(HEIGHT - 1 - (value / most) * (HEIGHT - 3)).toFixed(1)}`;
  });
  const line = points.length > 1 ? `M${points.join("L")}` : "";
  const first = points[0]?.split(" ")[0] ?? "0";
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {line && <path class="spark-area" d={`${line}L${WIDTH} ${HEIGHT}L${first} ${HEIGHT}Z`} />}
      {line && <path class="spark-line" d={line} />}
    </svg>
  );
}
