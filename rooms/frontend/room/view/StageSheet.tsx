/** Coming on stage, step by step: what it means, the devices, the request, backstage, on stage. */
import { Icon, type IconName } from "@merchants/design/icons";
import { Sheet } from "@merchants/design/sheet";
import { pluralForm } from "../../show/format";
import { GuestTile } from "../../show/GuestTile";
import { useStyle } from "../../show/style";
import { useRoom } from "../context";

/** Stands beside the badges while the host is live. */
export function StageButton() {
  const { room, acts, own } = useRoom();
  const standing = own.standing.value;
  if (standing === null && room.scene.value !== "live") return null;
  return (
    <button type="button" class="badge-target stage-target" onClick={() => acts.open("stage")} aria-label={standing ? room.t(`stage_is_${standing}`) : room.t("stage_come")}>
      <span class={`badge is-stage${standing ? " is-on" : ""}`}><Icon name="hand" size={16} /></span>
    </button>
  );
}

export function StageSheet() {
  const { room, acts, own } = useRoom();
  const standing = own.standing.value;
  const close = () => {
    own.closeDevices();
    acts.closeSheet();
  };
  return (
    <Sheet title={standing ? room.t(`stage_is_${standing}`) : room.t("stage_come")} closeLabel={room.t("close")} onClose={close} height="short">
      <div class="stage-sheet">
        {standing === null ? <Asking /> : <Waiting />}
        <Problem />
        {own.refusal.value && <p class="stage-problem" role="alert"><Icon name="alert" size={20} />{own.refusal.value}</p>}
      </div>
    </Sheet>
  );
}

function Asking() {
  const { room, own } = useRoom();
  return (
    <>
      <p class="t-quiet">{room.t("stage_consent")}</p>
      <div class="stage-kinds" role="group" aria-label={room.t("stage_how")}>
        <Kind hasPicture icon="camera" text={room.t("stage_with_camera")} />
        <Kind hasPicture={false} icon="mic" text={room.t("stage_voice_only")} />
      </div>
      {own.isOpening.value && <p class="t-quiet" role="status">{room.t("stage_opening")}</p>}
      <Devices />
      <button type="button" class="button is-primary is-tall is-wide" disabled={!own.source.value} onClick={() => void own.ask()}>{room.t("stage_ask")}</button>
    </>
  );
}

function Kind({ hasPicture, icon, text }: { hasPicture: boolean; icon: IconName; text: string }) {
  const { own } = useRoom();
  const isChosen = own.source.value !== null && own.hasPicture.value === hasPicture;
  return (
    <button type="button" class="stage-kind" aria-pressed={isChosen} disabled={own.isOpening.value} onClick={() => void own.open(hasPicture)}>
      <Icon name={icon} size={24} />
      {text}
    </button>
  );
}

/** What the host will see and hear, for this viewer's eyes first. */
function Devices() {
  const { room, own } = useRoom();
  const source = own.source.value;
  const bar = useStyle<HTMLSpanElement>({ transform: `scaleX(${own.level.value})` });
  if (!source) return null;
  return (
    <div class="stage-own">
      <GuestTile name={room.t("you")} stream={source.stream} hasPicture={own.hasPicture.value} isMuted={false} isMirrored volume={0} level={own.level.value} mutedText="" />
      <div class="stage-level" role="meter" aria-label={room.t("stage_level")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(own.level.value * 100)}>
        <span ref={bar} />
      </div>
    </div>
  );
}

function Waiting() {
  const { room, own } = useRoom();
  const { own_stage: mine, guests_waiting: waiting } = room.show.value;
  if (!mine) return null;
  const sending = own.sending.value;
  return (
    <>
      <div class="stage-state" role="status">
        <p>{mine.is_muted ? room.t("stage_muted") : room.t(`stage_now_${mine.standing}`)}</p>
        {mine.standing === "asked" && <p class="t-13 t-quiet">{room.t(`stage_waiting_${pluralForm(waiting, room.page.language)}`, { count: waiting })}</p>}
        {mine.standing !== "asked" && sending !== "sending" && sending !== "off" && <p class="t-13 t-quiet">{room.t(`stage_line_${sending}`)}</p>}
      </div>
      {mine.standing === "asked" && <Devices />}
      {sending === "failed" && <button type="button" class="button is-quiet is-tall is-wide" onClick={() => void own.retry()}>{room.t("try_again")}</button>}
      <button type="button" class="button is-line is-tall is-wide" onClick={() => void own.leave()}>{room.t(mine.standing === "asked" ? "stage_withdraw" : "stage_leave")}</button>
    </>
  );
}

/** Why the camera or the microphone does not work, and what to do. */
function Problem() {
  const { room, own } = useRoom();
  const problem = own.problem.value;
  if (problem === null) return null;
  const again = () => (own.standing.value === null || own.standing.value === "asked" ? own.open(own.hasPicture.value) : own.retry());
  return (
    <div class="stage-problem" role="alert">
      <Icon name="alert" size={20} />
      <div class="stage-state">
        <p>{room.t(`device_${problem}`)}</p>
        <p class="t-13">{room.t(`device_${problem}_next`)}</p>
        <button type="button" class="button is-line" onClick={() => void again()}>{room.t("try_again")}</button>
      </div>
    </div>
  );
}
