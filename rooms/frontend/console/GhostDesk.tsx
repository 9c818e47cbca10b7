/** Ghosts of a rehearsal: choose a past show, let its crowd play, send it home. Only rehearsal rooms have it. */
import { useState } from "preact/hooks";
import { clockText, fullCount } from "../show/format";
import type { GhostCounts } from "../show/wire";
import { useConsole } from "./context";
import type { GhostRun, RehearsalState } from "./state";

const FIGURES: readonly (keyof GhostCounts)[] = ["present", "lines", "likes", "taps", "orders"];

export function GhostDesk() {
  const { model } = useConsole();
  const { rehearsal } = model.state.value;
  if (!rehearsal) return null;
  return (
    <section class="ghosts" aria-labelledby="ghosts-title">
      <header class="panel-head">
        <h2 id="ghosts-title" class="t-13">{model.t("ghosts_title")}</h2>
        <span class="t-12 t-quiet">{model.t("ghosts_count_nowhere")}</span>
      </header>
      {rehearsal.run ? <Run run={rehearsal.run} /> : <Choice rehearsal={rehearsal} />}
    </section>
  );
}

function Choice({ rehearsal }: { rehearsal: RehearsalState }) {
  const { model, desk } = useConsole();
  const { page, t } = model;
  const [pastId, setPastId] = useState(rehearsal.shows[0]?.id ?? "");
  const [speed, setSpeed] = useState(1);
  const [ghosts, setGhosts] = useState(Math.min(100, rehearsal.most_ghosts));
  if (rehearsal.shows.length === 0) return <p class="panel-empty t-quiet">{t("ghosts_no_shows")}</p>;
  const locale = page.language === "zh-hans" ? "zh-CN" : page.language;
  const submit = (event: Event) => {
    event.preventDefault();
    void desk.startGhosts(pastId, speed, ghosts);
  };
  return (
    <form class="ghosts-form" onSubmit={submit}>
      <label class="is-wide">
        <span class="t-12 t-quiet">{t("ghosts_of_show")}</span>
        <select value={pastId} disabled={!page.can_air} onChange={(event) => setPastId(event.currentTarget.value)}>
          {rehearsal.shows.map((show) => (
            <option key={show.id} value={show.id}>
              {t("ghosts_show", { title: show.title, date: new Date(show.started_at).toLocaleDateString(locale), time: clockText(show.length_ms), lines: fullCount(show.lines, page.language) })}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="t-12 t-quiet">{t("ghosts_speed")}</span>
        <select value={String(speed)} disabled={!page.can_air} onChange={(event) => setSpeed(Number(event.currentTarget.value))}>
          {rehearsal.speeds.map((times) => <option key={times} value={String(times)}>{t("ghosts_times", { times })}</option>)}
        </select>
      </label>
      <label>
        <span class="t-12 t-quiet">{t("ghosts_most")}</span>
        <input type="number" min={1} max={rehearsal.most_ghosts} value={ghosts} disabled={!page.can_air} onInput={(event) => setGhosts(event.currentTarget.valueAsNumber || 1)} />
      </label>
      <button type="submit" class="small-button is-wide" disabled={!page.can_air || model.state.value.aired_since === null}>{t("ghosts_start")}</button>
      {model.state.value.aired_since === null && <p class="t-12 t-quiet is-wide">{t("ghosts_need_air")}</p>}
    </form>
  );
}

function Run({ run }: { run: GhostRun }) {
  const { model, desk } = useConsole();
  const { page, t } = model;
  const told = model.ghosts.value?.run_id === run.id ? model.ghosts.value : null;
  return (
    <div class="ghosts-run">
      <p class="t-12">{t("ghosts_play", { title: run.title, times: run.speed, at: clockText(told?.at_ms ?? 0), of: clockText(run.length_ms) })}</p>
      <dl class="ghosts-figures">
        {FIGURES.map((name) => <div key={name}><dt>{t(`ghosts_${name}`)}</dt><dd>{fullCount(told?.counts[name] ?? 0, page.language)}</dd></div>)}
      </dl>
      <button type="button" class="small-button" disabled={!page.can_air} onClick={() => void desk.stopGhosts()}>{t("ghosts_stop")}</button>
    </div>
  );
}
