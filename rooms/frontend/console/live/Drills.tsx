/** Failures rehearsed on purpose: a button for each, held to confirm, and the last report. */
import { SocketError } from "@realtime/socket";
import { Icon } from "@merchants/design/icons";
import { useConsole } from "../context";
import { Hold } from "../Hold";
import { secondsText } from "../../show/format";
import type { DrillKind, DrillState } from "../state";

const KINDS: readonly DrillKind[] = ["primary_lost", "line_lost", "node_moves"];

export function Drills() {
  const { model, desk, connection } = useConsole();
  const { t, page } = model;
  const { drill } = model.state.value;
  const isRunning = drill?.state === "running";
  const begin = async (kind: DrillKind) => {
    try {
      await connection.socket.send({ k: "desk.drill", failure: kind });
      desk.say(t("drill_begun"));
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      desk.say(error.message || t("network"), true);
    }
    await desk.refresh();
  };
  return (
    <details class="drills">
      <summary class="t-13">{t("drills")}{isRunning && <span class="t-12"> {t("drill_runs")}</span>}</summary>
      <p class="t-12 t-quiet">{t("drills_text")}</p>
      {KINDS.map((kind) => (
        <Hold key={kind} class="act" hint={t("hold_hint")} disabled={isRunning} onHeld={() => void begin(kind)}>
          <Icon name="replay" size={16} /><span>{t(`drill_${kind}`)}</span><span class="t-12">{t("hold")}</span>
        </Hold>
      ))}
      <div role="status">{drill && !isRunning && <Report drill={drill} />}</div>
      <a class="t-12" href={page.line_url} target="_blank" rel="noopener">{t("drill_reports")}</a>
    </details>
  );
}

function Report({ drill }: { drill: DrillState }) {
  const { t, page } = useConsole().model;
  const times: [string, number | null][] = [["drill_gap", drill.gap_ms], ["drill_fault", drill.fault_ms], ["drill_back", drill.back_ms]];
  return (
    <div class={`drill-report is-${drill.state}`}>
      <p class="t-12"><b>{t(`drill_${drill.kind}`)}: {t(`drill_is_${drill.state}`)}</b></p>
      {times.map(([key, ms]) => ms !== null && <p key={key} class="t-12 mono">{t(key)} {t("slow_seconds", { seconds: secondsText(ms, page.language) })}</p>)}
    </div>
  );
}
