/** The office's page of insights: charts of a room, what is behind them, and what they suggest. */
import { callApi } from "@merchants/design/api";
import { signal } from "@preact/signals";
import type { EChartsCoreOption } from "echarts/core";
import { render, type ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { courseOption } from "../experiment/course";
import { Attribution } from "./Attribution";
import { Behind, type Span } from "./Behind";
import { QUIET, TOOLTIP, draw } from "./charts";
import { Frame } from "./Frame";
import { accent, page, roomUrl, say } from "./page";
import { Pulse } from "./Pulse";
import { drawRetention, type PlotEpisode, type Shown } from "./retention";
import { Runs } from "./Runs";
import type { Place } from "./story";
import { Suggestions } from "./Suggestions";
import { Audience, Tags } from "./Tables";

function mount(id: string, what: ComponentChild): void {
  const root = document.getElementById(id);
  if (root) render(what, root);
}

/** A bar a step; a variant's bars beside the other's, as shares of those who entered it. */
function funnelOption(): EChartsCoreOption {
  const labels = page.funnel.map((step) => step.label);
  const colors = [QUIET, accent, "#15151a", "#c98a00", "#0f9d68", "#1d4f94"];
  const axes = {
    tooltip: TOOLTIP,
    xAxis: { type: "value", show: false },
    yAxis: { type: "category", inverse: true, data: labels, axisTick: { show: false }, axisLine: { show: false } },
  };
  if (page.variants.length === 0) {
    const label = { show: true, position: "right" };
    return { ...axes, grid: { left: 8, right: 40, top: 8, bottom: 8, containLabel: true }, series: [{ type: "bar", name: say("visits"), data: page.funnel.map((step) => step.sessions), itemStyle: { color: accent, borderRadius: 3 }, label }] };
  }
  const label = { show: true, position: "right", formatter: ({ value }: { value: number }) => `${value.toFixed(1)} %` };
  const series = page.variants.map((variant, place) => ({
    type: "bar", name: variant.name, itemStyle: { color: colors[place % colors.length], borderRadius: 3 }, label, data: variant.steps.map((step) => step.percent),
  }));
  return { ...axes, legend: { top: 0, right: 0 }, grid: { left: 8, right: 56, top: 32, bottom: 8, containLabel: true }, series };
}

function Switch({ onChange }: { onChange: (shown: Shown) => void }) {
  const [shown, setShown] = useState<Shown>("watching");
  const choose = (next: Shown) => {
    setShown(next);
    onChange(next);
  };
  const texts: Record<Shown, string> = { watching: say("watching"), leaving: say("leaving") };
  return <>{(["watching", "leaving"] as const).map((one) => <button key={one} type="button" class={`button is-small ${one === shown ? "is-dark" : "is-line"}`} aria-pressed={one === shown} onClick={() => choose(one)}>{texts[one]}</button>)}</>;
}

function showStory(episodes: readonly PlotEpisode[]): void {
  const place = signal<Place | null>(null);
  const span = signal<Span | null>(null);
  const where = document.getElementById("retention");
  if (where) {
    const show = drawRetention(where, episodes, { onPlace: (at) => (place.value = at), onSpan: (chosen) => (span.value = chosen) });
    mount("retention-switch", <Switch onChange={show} />);
  }
  mount("frame", <Frame place={place} episodes={episodes} />);
  mount("behind", <Behind span={span} episodes={episodes} />);
  mount("suggestions", <Suggestions episodes={episodes} />);
  const cards = episodes.flatMap((episode) => episode.nodes.map((node) => [node.id, `${episode.number}. ${node.label}`]));
  mount("attribution", <Attribution names={{ ...page.room_names, ...Object.fromEntries(cards) }} />);
}

const funnel = document.getElementById("funnel");
if (funnel) draw(funnel, funnelOption());
const test = document.getElementById("test-course");
if (test && page.course) draw(test, courseOption(page.course.points, page.course.texts, accent));
mount("audience", <Audience />);
mount("tags", <Tags />);
if (page.is_on_air) mount("pulse", <Pulse />);
if (page.room_id) {
  mount("runs", <Runs />);
  // Without its plot the line still says how many are watching.
  callApi<{ episodes: PlotEpisode[] }>(roomUrl("plot")).then(({ episodes }) => showStory(episodes), () => showStory([]));
} else {
  showStory([]);
}
Object.assign(window, { insights: page }); // for tests and support
