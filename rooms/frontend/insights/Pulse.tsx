/** The live board of a room on air: asked anew every three seconds, while somebody looks. */
import { callApi } from "@merchants/design/api";
import { useEffect, useRef, useState } from "preact/hooks";
import { QUIET, TOOLTIP, draw } from "./charts";
import { accent, roomUrl, say } from "./page";

interface PulseAnswer {
  is_on_air: boolean;
  online: number;
  viewers: number;
  danmaku: number;
  likes: number;
  taps: number;
  orders: number;
  net: string;
  bins: { at: string; danmaku: number; taps: number; orders: number }[];
}

const EVERY_MS = 3_000;
const SERIES = ["danmaku", "taps", "orders"] as const;

export function Pulse() {
  const [pulse, setPulse] = useState<PulseAnswer | null>(null);
  const [isLost, setLost] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof draw> | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      if (document.visibilityState === "visible") {
        try {
          setPulse(await callApi<PulseAnswer>(roomUrl("pulse")));
          setLost(false);
        } catch {
          setLost(true);
        }
      }
      timer = setTimeout(() => void ask(), EVERY_MS);
    };
    void ask();
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (!pulse?.is_on_air || !place.current) return;
    chart.current ??= draw(place.current, {
      tooltip: TOOLTIP, legend: { top: 0, left: 0 }, grid: { left: 8, right: 16, top: 32, bottom: 8, containLabel: true }, xAxis: { type: "time" }, yAxis: { type: "value", minInterval: 1 },
    });
    const colors = { danmaku: QUIET, taps: "#15151a", orders: accent };
    chart.current.setOption({ series: SERIES.map((name) => ({ type: "line", name: say(name), showSymbol: pulse.bins.length < 3, itemStyle: { color: colors[name] }, data: pulse.bins.map((bin) => [bin.at, bin[name]]) })) });
  }, [pulse]);
  if (!pulse) return <p class="panel-empty" role={isLost ? "alert" : "status"}>{isLost ? say("offline") : say("loading")}</p>;
  if (!pulse.is_on_air) return <p class="panel-empty">{say("off_air")}</p>;
  const figures: [string, string | number][] = [[say("online"), pulse.online], [say("viewers"), pulse.viewers], [say("danmaku"), pulse.danmaku], [say("likes"), pulse.likes], [say("taps"), pulse.taps], [say("orders"), pulse.orders], [say("net_so_far"), pulse.net]];
  return (
    <>
      {isLost && <p class="insights-note field-error" role="alert">{say("offline")}</p>}
      <dl class="insights-figures">{figures.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      <div class="insights-chart is-low" role="img" aria-labelledby="pulse-title" ref={place} />
    </>
  );
}
