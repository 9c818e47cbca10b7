/** The order of the evening: what aired, what is on, what comes. A press puts an episode into the preview. */
import { Icon } from "@merchants/design/icons";
import { clockText } from "../show/format";
import { remainingOf } from "../show/program";
import { useStyle } from "../show/style";
import { useConsole } from "./context";
import type { Slot } from "./state";

export function RunOfShow() {
  const { model } = useConsole();
  const { t } = model;
  return (
    <aside class="run" aria-label={t("run_of_show")}>
      <header class="panel-head"><h2 class="t-15">{t("run_of_show")}</h2><span class="t-12 t-quiet">{model.room.show.value.is_looping ? t("loops") : ""}</span></header>
      <ol class="run-list">{model.slots.value.map((slot) => <Row key={slot.episode_id} slot={slot} />)}</ol>
      {model.slots.value.length === 0 && <p class="panel-empty t-quiet">{t("no_season")}</p>}
      <PlannedEnd />
    </aside>
  );
}

function Row({ slot }: { slot: Slot }) {
  const { model } = useConsole();
  const { room, t } = model;
  const isNow = room.episodeId.value === slot.episode_id && room.scene.value !== "ended";
  const isPreview = !isNow && !model.isHostChosen.value && model.preview.value?.episode_id === slot.episode_id;
  const number = room.entry.value?.source.number ?? 0;
  const leftMs = isNow && room.entry.value ? remainingOf(room.entry.value, room.nowMs.value) : null;
  return (
    <li>
      <button
        type="button"
        class={`run-row${isNow ? " is-now" : ""}${isPreview ? " is-preview" : ""}${!isNow && number > slot.number ? " is-done" : ""}`}
        aria-pressed={isPreview}
        aria-current={isNow ? "true" : undefined}
        disabled={!model.page.can_air || !slot.is_ready}
        onClick={() => model.choose(slot.episode_id)}
      >
        <span class="run-number">{slot.number}</span>
        <span class="run-text">
          <span class="t-15 clip">{slot.title}</span>
          <span class="t-12 t-quiet">{!slot.is_ready ? t("being_prepared") : isNow ? t("on_air_now") : isPreview ? t("in_preview") : t("episode_of", { time: clockText(slot.duration_ms) })}</span>
          {isNow && leftMs !== null && <Bar share={1 - leftMs / Math.max(1, slot.duration_ms)} />}
        </span>
        <span class="run-time mono">{isNow && leftMs !== null ? clockText(leftMs) : clockText(slot.duration_ms)}</span>
      </button>
    </li>
  );
}

function Bar({ share }: { share: number }) {
  const done = useStyle<HTMLSpanElement>({ transform: `scaleX(${Math.min(1, Math.max(0, share))})` });
  return <span class="run-bar" aria-hidden="true"><span ref={done} /></span>;
}

/** When the last episode would end at this pace. A looping room has no end. */
function PlannedEnd() {
  const { model } = useConsole();
  const { room, page, t } = model;
  const entry = room.entry.value;
  const leftMs = entry ? remainingOf(entry, room.nowMs.value) : null;
  if (room.show.value.is_looping || leftMs === null || !entry?.source.number) return null;
  const rest = model.slots.value.filter((slot) => slot.number > (entry.source.number ?? 0)).reduce((sum, slot) => sum + slot.duration_ms, 0);
  const end = new Date(room.nowMs.value + leftMs + rest);
  const locale = page.language === "zh-hans" ? "zh-CN" : page.language;
  return (
    <p class="run-end">
      <span class="t-quiet"><Icon name="flag" size={14} /> {t("ends_about")}</span>
      <span class="mono">{end.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" })}</span>
    </p>
  );
}
