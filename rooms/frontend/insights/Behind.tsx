/** What is behind a span of seconds: visits, danmaku, orders. Chosen by dragging over the line, or written. */
import { fill } from "@merchants/design/texts";
import type { Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Loaded } from "./Loaded";
import { roomUrl, say } from "./page";
import type { PlotEpisode } from "./retention";
import { timeOf } from "./story";

export interface Span {
  episode: number;
  beginS: number;
  endS: number;
}

interface BehindAnswer {
  visits_count: number;
  left_count: number;
  danmaku_count: number;
  orders_count: number;
  visits: { session_id: string; first_at: string; source: string; variant: string; watched_ms: number; orders: number; left_s: number | null }[];
  danmaku: { at_ms: number; nickname: string; text: string }[];
  orders: { number: string; at_ms: number; net: string; url: string }[];
}

export function Behind({ span, episodes }: { span: Signal<Span | null>; episodes: readonly PlotEpisode[] }) {
  const form = useRef<HTMLFormElement>(null);
  const shown = span.value;
  const episode = shown && episodes.find((one) => one.number === shown.episode);
  const look = (event: Event) => {
    event.preventDefault();
    const given = new FormData(form.current!);
    const [number, begin, end] = ["episode", "begin", "end"].map((name) => Number(given.get(name)));
    span.value = { episode: number!, beginS: begin!, endS: Math.max(begin! + 1, end!) };
  };
  if (episodes.length === 0) return null;
  return (
    <>
      <form class="behind-form" ref={form} onSubmit={look}>
        <label>{say("episode")} <select name="episode" class="field-box" value={shown?.episode ?? episodes[0]!.number}>{episodes.map((one) => <option key={one.id} value={one.number}>{one.number}. {one.title}</option>)}</select></label>
        <label>{say("from")} <input class="field-box" name="begin" type="number" min={0} max={86_400} value={shown?.beginS ?? 0} /></label>
        <label>{say("to")} <input class="field-box" name="end" type="number" min={1} max={86_400} value={shown?.endS ?? 10} /></label>
        <button type="submit" class="button is-line">{say("look_behind")}</button>
        <small class="t-quiet">{say("behind_hint")}</small>
      </form>
      {shown && episode && (
        <div class="behind-found">
          <h3>{fill(say("behind"), { episode: shown.episode, begin: timeOf(shown.beginS), end: timeOf(shown.endS) })}</h3>
          <Loaded<BehindAnswer> url={roomUrl("behind", { episode_id: episode.id, begin_s: String(shown.beginS), end_s: String(shown.endS) })} isEmpty={(found) => found.visits_count + found.danmaku_count + found.orders_count === 0}>
            {(found) => <Found found={found} />}
          </Loaded>
        </div>
      )}
    </>
  );
}

function Found({ found }: { found: BehindAnswer }) {
  const counts = { visits: found.visits_count, left: found.left_count, danmaku: found.danmaku_count, orders: found.orders_count };
  const at = (ms: number) => timeOf(Math.floor(ms / 1000));
  return (
    <>
      <p>{fill(say("behind_counts"), counts)} {found.visits_count > found.visits.length && fill(say("first_ones"), { count: found.visits.length })}</p>
      <div class="behind-tables">
        {found.visits.length > 0 && (
          <Scrolled label={say("visits")}>
            <thead><tr><th scope="col">{say("came")}</th><th scope="col">{say("source")}</th><th scope="col">{say("variant")}</th><th scope="col" class="num">{say("watched")}</th><th scope="col" class="num">{say("left_at")}</th><th scope="col" class="num">{say("orders")}</th></tr></thead>
            <tbody>{found.visits.map((visit) => (
              <tr key={visit.session_id}><td>{new Date(visit.first_at).toLocaleString()}</td><td>{visit.source || say("direct")}</td><td>{visit.variant}</td><td class="num">{at(visit.watched_ms)}</td><td class="num">{visit.left_s === null ? say("went_on") : timeOf(visit.left_s)}</td><td class="num">{visit.orders}</td></tr>
            ))}</tbody>
          </Scrolled>
        )}
        {found.danmaku.length > 0 && (
          <Scrolled label={say("danmaku")}>
            <thead><tr><th scope="col">{say("time")}</th><th scope="col" colSpan={2}>{say("danmaku")}</th></tr></thead>
            <tbody>{found.danmaku.map((line, place) => <tr key={place}><td class="mono">{at(line.at_ms)}</td><td>{line.nickname}</td><td>{line.text}</td></tr>)}</tbody>
          </Scrolled>
        )}
        {found.orders.length > 0 && (
          <Scrolled label={say("orders")}>
            <thead><tr><th scope="col">{say("time")}</th><th scope="col">{say("order")}</th><th scope="col" class="num">{say("net")}</th></tr></thead>
            <tbody>{found.orders.map((order) => <tr key={order.number}><td class="mono">{at(order.at_ms)}</td><td>{order.url ? <a href={order.url}>{order.number}</a> : order.number}</td><td class="num">{order.net}</td></tr>)}</tbody>
          </Scrolled>
        )}
      </div>
    </>
  );
}

function Scrolled({ label, children }: { label: string; children: preact.ComponentChildren }) {
  return <div class="figures-scroll" tabIndex={0} role="region" aria-label={label}><table class="figures">{children}</table></div>;
}
