/** The green room: what this place can send, and how the host sounds, before anybody watches. */
import { csrfToken } from "@merchants/design/api";
import { Icon } from "@merchants/design/icons";
import { useState } from "preact/hooks";
import { EchoTest, type EchoStep, type EchoVerdict } from "@realtime/rtc/echo";
import { judgeUplink, measureUplink } from "@realtime/rtc/uplink";
import { useConsole } from "../context";
import { bitrateText } from "./verdict";

/** Null before the first measurement and while one runs; "failed" when nothing got through. */
type Uplink = { bitsPerS: number } | "running" | "failed" | null;

export function Checks() {
  const { host } = useConsole();
  const { value: source } = host.source;
  if (source?.kind !== "camera" || host.isConnected.value) return null;
  return (
    <div class="checks">
      <UplinkCheck />
      {source.stream.getAudioTracks().length > 0 && <EchoCheck stream={source.stream} />}
    </div>
  );
}

function UplinkCheck() {
  const { model } = useConsole();
  const { t } = model;
  const [uplink, setUplink] = useState<Uplink>(null);
  const measure = async () => {
    setUplink("running");
    const bitsPerS = await measureUplink(`${model.page.console_url}live/upload`, { "X-CSRFToken": csrfToken(), "Content-Type": "application/octet-stream" });
    setUplink(bitsPerS === null ? "failed" : { bitsPerS });
  };
  const isKnown = uplink !== null && typeof uplink === "object";
  const verdict = isKnown ? judgeUplink(uplink.bitsPerS) : null;
  return (
    <div class="check">
      <button type="button" class="small-button" disabled={uplink === "running"} onClick={() => void measure()}><Icon name="broadcast" size={16} />{t("check_uplink")}</button>
      <p class={`t-12${verdict === "good" ? " verdict is-good" : verdict || uplink === "failed" ? " verdict" : " t-quiet"}`} role="status">
        {uplink === "running" && t("check_uplink_runs")}
        {uplink === "failed" && t("check_uplink_failed")}
        {isKnown && `${bitrateText(uplink.bitsPerS)}: ${t(`check_uplink_${verdict!}`)}`}
      </p>
    </div>
  );
}

function EchoCheck({ stream }: { stream: MediaStream }) {
  const { t } = useConsole().model;
  const [step, setStep] = useState<EchoStep | null>(null);
  const [verdict, setVerdict] = useState<EchoVerdict | null>(null);
  const run = async () => {
    setVerdict(null);
    setVerdict(await new EchoTest(stream, setStep).run());
    setStep(null);
  };
  return (
    <div class="check">
      <button type="button" class="small-button" disabled={step !== null} onClick={() => void run()}><Icon name="mic" size={16} />{t("check_echo")}</button>
      <p class={`t-12${verdict === "good" ? " verdict is-good" : verdict ? " verdict" : " t-quiet"}`} role="status">
        {step && t(`check_echo_${step}`)}
        {verdict && t(`check_echo_is_${verdict}`)}
      </p>
    </div>
  );
}
