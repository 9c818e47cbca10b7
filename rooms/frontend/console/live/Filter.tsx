/** Softens the host's camera: off by default, noted in the audit, and refused where the room's picture proves something. */
import { Icon } from "@merchants/design/icons";
import { canSoften } from "@realtime/rtc/softening";
import { useConsole } from "../context";

export function Filter() {
  const { model, desk, host } = useConsole();
  const { t } = model;
  if (host.source.value?.kind !== "camera" || !canSoften()) return null;
  const { allows_filters: isAllowed } = model.state.value;
  const isOn = host.isSoft.value;
  const turn = async () => {
    if (isOn) host.soften(false); // its end is noted by the page, however it comes
    else if (await desk.noteFilter(true)) host.soften(true);
  };
  return (
    <>
      <button type="button" class={`source${isOn ? " is-preview" : ""}`} aria-pressed={isOn} disabled={!isAllowed} onClick={() => void turn()}>
        <Icon name="eye" size={18} /><span class="clip">{t("soften")}</span>
      </button>
      {!isAllowed && <p class="t-12 t-quiet">{t("filters_barred")}</p>}
    </>
  );
}
