/** The office's page of an experiment: the course of its verdict, and how many viewers a plan takes. */
import { readState } from "@merchants/design/texts";
import { LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { courseOption, type Course } from "./course";
import { startSizer } from "./sizer";

use([LineChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

function drawCourse(place: HTMLElement): void {
  const course = readState<Course>("course-state");
  const accent = getComputedStyle(document.body).getPropertyValue("--accent").trim() || "#e5394b";
  const pick = document.querySelector<HTMLSelectElement>("#course-line");
  const tables = [...document.querySelectorAll<HTMLTableElement>("[data-line]")];
  const chart = init(place, null, { renderer: "canvas" });
  const show = () => {
    const chosen = pick?.value ?? "0";
    const points = course.lines[Number(chosen)]?.points ?? [];
    chart.setOption({ animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, ...courseOption(points, course.texts, accent) }, true);
    for (const table of tables) table.hidden = table.dataset["line"] !== chosen;
  };
  pick?.addEventListener("change", show);
  new ResizeObserver(() => chart.resize()).observe(place);
  show();
}

const course = document.getElementById("course");
if (course) drawCourse(course);
const sizer = document.querySelector<HTMLElement>(".sizer");
if (sizer) startSizer(sizer);
