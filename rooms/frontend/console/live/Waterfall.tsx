/** The picture's way as a small chart: one row a step, each beginning where the one before has ended. */
import { useConsole } from "../context";
import { bitrateText, lossText } from "./verdict";
import { stagesOf, totalMs, type Stage } from "./stages";

const WIDTH = 120;
const HEIGHT = 10;
/** Short ways are drawn on the same scale, so that a bad second is seen as one. */
const LEAST_MS = 200;

export function Waterfall() {
  const { model, numbers } = useConsole();
  const { t } = model;
  const desk = numbers.desk.value;
  const stages = desk ? stagesOf(desk) : [];
  if (stages.length === 0) return null;
  const total = totalMs(stages);
  const scale = WIDTH / Math.max(LEAST_MS, total);
  return (
    <details class="waterfall">
      <summary class="t-12">
        <b>{t("way_title")}</b>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">{stages.map((stage) => <Bar key={stage.step} stage={stage} scale={scale} />)}</svg>
        <span class="mono">{t("milliseconds", { ms: Math.round(total) })}</span>
      </summary>
      <dl>
        {stages.map((stage) => (
          <div key={stage.step} class="way">
            <dt>{t(`way_${stage.step}`)}</dt>
            <dd>
              <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true"><Bar stage={stage} scale={scale} /></svg>
              <span class="mono way-ms">{stage.ms === null ? "–" : t("milliseconds", { ms: Math.round(stage.ms) })}</span>
              <span class="t-12 t-quiet way-detail"><Detail stage={stage} /></span>
            </dd>
          </div>
        ))}
      </dl>
      <p class="t-12 way-tiers">{Object.entries(desk?.live.viewers ?? {}).map(([tier, count]) => <span key={tier}>{t(`tier_${tier}`)} <b class="mono">{count}</b></span>)}</p>
    </details>
  );
}

function Bar({ stage, scale }: { stage: Stage; scale: number }) {
  if (stage.ms === null) return null;
  return <rect class={`way-${stage.step}`} x={stage.fromMs * scale} y="1" width={Math.max(1.5, stage.ms * scale)} height={HEIGHT - 2} rx="1.5" />;
}

function Detail({ stage }: { stage: Stage }) {
  const { t } = useConsole().model;
  const parts = [
    stage.size,
    stage.perS === null ? "" : t("pictures_per_s", { count: Math.round(stage.perS) }),
    stage.kbitsPerS === null ? "" : bitrateText(stage.kbitsPerS * 1000),
    stage.lostPermille === null ? "" : `${t("loss")} ${lossText(stage.lostPermille / 1000)}`,
    stage.jitterMs === null ? "" : `${t("jitter")} ${t("milliseconds", { ms: Math.round(stage.jitterMs) })}`,
    stage.roundTripMs === null ? "" : `${t("round_trip")} ${t("milliseconds", { ms: Math.round(stage.roundTripMs) })}`,
    stage.viewers === null ? "" : t("way_reported", { count: stage.viewers }),
    stage.stalled ? t("way_stalled", { count: stage.stalled }) : "",
  ];
  return <>{parts.filter(Boolean).join(", ")}</>;
}
