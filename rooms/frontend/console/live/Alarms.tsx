/** What is wrong with the line at this moment, and what to do about it; said aloud when it begins. */
import { Icon } from "@merchants/design/icons";
import type { Alarm } from "@realtime/messages.gen";
import { useConsole } from "../context";

/** Things that can wait until somebody has a hand free. */
const CALM = new Set<Alarm["kind"]>(["no_backup"]);

export function Alarms() {
  const { model } = useConsole();
  const { alarms } = model.state.value.live;
  return (
    <>
      <Told alarms={alarms.filter((one) => !CALM.has(one.kind))} isUrgent />
      <Told alarms={alarms.filter((one) => CALM.has(one.kind))} isUrgent={false} />
    </>
  );
}

/** The region stands before anything is in it, or a screen reader would not notice. */
function Told({ alarms, isUrgent }: { alarms: readonly Alarm[]; isUrgent: boolean }) {
  const { model } = useConsole();
  const { t } = model;
  return (
    <ul class="alarms" aria-live={isUrgent ? "assertive" : "polite"} aria-label={t(isUrgent ? "alarms" : "notes")}>
      {alarms.map((alarm) => (
        <li key={`${alarm.kind}:${alarm.role}`} class={`alarm${isUrgent ? "" : " is-calm"}`}>
          <Icon name="alert" size={16} />
          <p><b>{alarm.role && alarm.kind !== "no_backup" ? `${t(`line_${alarm.role}`)}: ` : ""}{t(`alarm_${alarm.kind}`)}</b> <span class="t-12">{t(`alarm_${alarm.kind}_next`)}</span></p>
        </li>
      ))}
    </ul>
  );
}
