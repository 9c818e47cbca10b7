/** A picture's way from the camera to the viewers' eyes, step by step. Pure. */
import type { Desk, LineSending, TierFigures } from "@realtime/messages.gen";

export type Step = "capture" | "encode" | "send" | "receive" | "decode" | "render";

/** `fromMs` and `ms`: when a picture enters the step, and how long it stays. Null: nobody reports it. `bits` are shown beside it. */
export interface Stage {
  step: Step;
  fromMs: number;
  ms: number | null;
  size: string;
  perS: number | null;
  kbitsPerS: number | null;
  lostPermille: number | null;
  jitterMs: number | null;
  roundTripMs: number | null;
  viewers: number | null;
  stalled: number | null;
}

const NOTHING = { size: "", perS: null, kbitsPerS: null, lostPermille: null, jitterMs: null, roundTripMs: null, viewers: null, stalled: null };

/** The line that is shown, or the first one that sends. */
export function stagesOf(desk: Desk): Stage[] {
  const line = desk.live.lines.find((one) => one.line === "host" && one.is_on_air) ?? desk.live.lines.find((one) => one.line === "host");
  if (!line) return [];
  const sending = desk.sending.find((one) => one.line === line.role)?.figures ?? null;
  const video = line.media.find((one) => one.kind === "video");
  const crowd = busiest(desk.audience);
  const kbitsPerS = line.media.reduce((sum, one) => sum + one.bitrate_kbps, 0);
  const steps: Omit<Stage, "fromMs">[] = [
    { ...NOTHING, step: "capture", ms: frameMs(sending), perS: sending?.captured_per_s ?? null, size: "" },
    { ...NOTHING, step: "encode", ms: sending && sending.encode_ms, perS: sending?.encoded_per_s ?? null, size: sizeOf(sending?.width, sending?.height) },
    { ...NOTHING, step: "send", ms: sending && sending.send_ms, kbitsPerS: sending?.kbits_per_s ?? null, lostPermille: sending?.lost_permille ?? null, roundTripMs: sending?.round_trip_ms ?? null },
    {
      ...NOTHING,
      step: "receive",
      ms: line.round_trip_ms === null ? null : line.round_trip_ms / 2 + (video?.jitter_ms ?? 0),
      perS: video?.frames_per_s ?? null,
      size: sizeOf(line.width, line.height),
      kbitsPerS,
      lostPermille: video?.lost_permille ?? null,
      jitterMs: video?.jitter_ms ?? null,
      roundTripMs: line.round_trip_ms,
    },
    { ...NOTHING, step: "decode", ms: crowd && crowd.round_trip_ms / 2 + crowd.decode_ms, roundTripMs: crowd?.round_trip_ms ?? null, lostPermille: crowd?.worst_loss_permille ?? null },
    { ...NOTHING, step: "render", ms: crowd && crowd.buffered_ms, perS: crowd?.frames_per_s ?? null, size: crowd ? commonSize(crowd) : "", viewers: crowd?.viewers ?? null, stalled: crowd?.stalled ?? null },
  ];
  let fromMs = 0;
  return steps.map((step) => {
    const stage = { ...step, fromMs };
    fromMs += step.ms ?? 0;
    return stage;
  });
}

/** From the camera to the viewers' eyes, as far as it is reported. */
export function totalMs(stages: readonly Stage[]): number {
  return stages.reduce((sum, stage) => sum + (stage.ms ?? 0), 0);
}

function frameMs(sending: LineSending["figures"] | null): number | null {
  return sending && sending.captured_per_s > 0 ? 1000 / sending.captured_per_s : null;
}

function busiest(tiers: readonly TierFigures[]): TierFigures | null {
  return tiers.reduce<TierFigures | null>((most, tier) => (most === null || tier.viewers > most.viewers ? tier : most), null);
}

function commonSize(crowd: TierFigures): string {
  const [size = ""] = Object.entries(crowd.sizes).sort((one, other) => other[1] - one[1])[0] ?? [];
  return size === "0x0" ? "" : size.replace("x", "×");
}

function sizeOf(width: number | undefined, height: number | undefined): string {
  return width && height ? `${width}×${height}` : "";
}
