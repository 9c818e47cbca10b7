/** Sources of the host's line: open one, look at it, connect it; OBS and FFmpeg beside them. */
import { Icon, type IconName } from "@merchants/design/icons";
import { useRef, useState } from "preact/hooks";
import type { SourceKind } from "@realtime/rtc/sources";
import { useConsole } from "../context";
import { Hold } from "../Hold";
import { Checks } from "./Checks";
import { Drills } from "./Drills";
import { Filter } from "./Filter";
import type { Role } from "./host";
import { KeySheet } from "./KeySheet";
import { Lines } from "./Lines";
import { isOwnOnAir } from "./tally";

const KINDS: readonly { kind: SourceKind; icon: IconName }[] = [{ kind: "camera", icon: "camera" }, { kind: "screen", icon: "screen" }, { kind: "file", icon: "film" }];

export function Sources() {
  const { model } = useConsole();
  const { t } = model;
  const [showsKeys, setKeys] = useState(false);
  return (
    <section class="sources" aria-labelledby="sources-title">
      <header class="sources-head"><h2 id="sources-title" class="t-13">{t("sources")}</h2></header>
      <div class="source-list">
        {KINDS.map(({ kind, icon }) => <SourceButton key={kind} kind={kind} icon={icon} />)}
        <button type="button" class="source" onClick={() => setKeys(true)}><Icon name="key" size={18} /><span class="clip">{t("source_program")}</span></button>
      </div>
      <Devices />
      <Filter />
      <Checks />
      <Connecting />
      <Lines />
      <Drills />
      {showsKeys && <KeySheet onClose={() => setKeys(false)} />}
    </section>
  );
}

function SourceButton({ kind, icon }: { kind: SourceKind; icon: IconName }) {
  const { model, host } = useConsole();
  const { t } = model;
  const file = useRef<HTMLInputElement>(null);
  const isOpen = host.source.value?.kind === kind;
  const isPreview = isOpen && model.isHostChosen.value;
  const open = async (chosen?: File) => {
    model.isHostChosen.value = true;
    if (!isOpen || kind !== "camera") await host.open(kind, chosen);
  };
  return (
    <>
      <button
        type="button"
        class={`source${isPreview ? " is-preview" : ""}`}
        aria-pressed={isPreview}
        disabled={host.opening.value !== null}
        onClick={() => (kind === "file" ? file.current?.click() : void open())}
      >
        <Icon name={icon} size={18} />
        <span class="clip">{t(`source_${kind}`)}</span>
        {kind === "camera" && <kbd class="keycap">L</kbd>}
      </button>
      {kind === "file" && (
        <input
          ref={file}
          type="file"
          accept="video/*"
          hidden
          aria-label={t("source_file")}
          onChange={(event) => {
            const chosen = event.currentTarget.files?.[0];
            event.currentTarget.value = "";
            if (chosen) void open(chosen);
          }}
        />
      )}
    </>
  );
}

/** Which camera and microphone, once there is a choice. */
function Devices() {
  const { model, host } = useConsole();
  const { t } = model;
  const { cameras, microphones } = host.devices.value;
  if (host.source.value?.kind !== "camera") return null;
  return (
    <div class="devices">
      {cameras.length > 1 && <Choice text={t("camera")} list={cameras} chosen={host.cameraId.value} choose={(id) => void host.choose(id, host.microphoneId.value)} />}
      {microphones.length > 1 && <Choice text={t("microphone")} list={microphones} chosen={host.microphoneId.value} choose={(id) => void host.choose(host.cameraId.value, id)} />}
    </div>
  );
}

function Choice({ text, list, chosen, choose }: { text: string; list: MediaDeviceInfo[]; chosen: string; choose: (id: string) => void }) {
  return (
    <label class="device">
      <span class="unseen">{text}</span>
      <select class="slow-box" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        {list.map((one, index) => <option key={one.deviceId} value={one.deviceId}>{one.label || `${text} ${index + 1}`}</option>)}
      </select>
    </label>
  );
}

/** Connect as the primary or the backup line; on air it takes a longer press to pull the plug. */
function Connecting() {
  const { model, host } = useConsole();
  const { t } = model;
  if (!host.source.value) return null;
  const { value: sending } = host.sending;
  const isOnAir = model.isLive.value;
  if (!host.isConnected.value) {
    return (
      <div key="off" class="connecting">
        <div class="roles" role="group" aria-label={t("send_as")}>
          {(["primary", "backup"] as Role[]).map((role) => (
            <button key={role} type="button" class="role" aria-pressed={host.role.value === role} onClick={() => (host.role.value = role)}>{t(`line_${role}`)}</button>
          ))}
        </div>
        {sending === "failed" && <p class="t-12 console-problem" role="alert"><Icon name="alert" size={16} />{t(host.refusal.value === "connection_lost" ? "line_lost" : "line_refused")}</p>}
        <button type="button" class="act is-go" onClick={() => void host.connect()}><Icon name="broadcast" size={16} /><span>{t("connect_line")}</span></button>
        <button type="button" class="small-button" onClick={() => host.close()}>{t("close_source")}</button>
      </div>
    );
  }
  return (
    <div key="on" class="connecting"> {/* never the same button: the space key must not pull the plug */}
      <p class={`t-12 line-state is-${sending}`} role="status"><span class="dot" />{t(`sending_${isOwnOnAir(model, host) ? "on_air" : sending}`)}</p>
      {isOnAir ? (
        <Hold class="act" hint={t("hold_hint")} onHeld={() => host.disconnect()}><Icon name="stop" size={16} /><span>{t("disconnect_line")}</span><span class="t-12">{t("hold")}</span></Hold>
      ) : (
        <button type="button" class="act" onClick={() => host.disconnect()}><Icon name="stop" size={16} /><span>{t("disconnect_line")}</span></button>
      )}
    </div>
  );
}
