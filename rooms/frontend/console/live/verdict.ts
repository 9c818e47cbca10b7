/** A line's figures in one word that has a sentence: what is wrong with it, worst first. Pure. */
import type { LineFigures } from "@realtime/rtc/figures";

export type Verdict = "good" | "loss" | "cpu" | "narrow" | "far" | "few_pictures";

const MUCH_LOSS = 0.05;
const NARROW_BITS_PER_S = 600_000;
const FAR_MS = 300;
const FEW_PER_S = 15;

export function verdictOn(figures: LineFigures): Verdict {
  if (figures.lostShare > MUCH_LOSS) return "loss";
  if (figures.limitedBy === "cpu") return "cpu";
  if (figures.limitedBy === "bandwidth" && figures.bitsPerS < NARROW_BITS_PER_S) return "narrow";
  if ((figures.roundTripMs ?? 0) > FAR_MS) return "far";
  if (figures.framesPerS > 0 && figures.framesPerS < FEW_PER_S) return "few_pictures";
  return "good";
}

/** `2.1 Mb/s`, `640 kb/s`. */
export function bitrateText(bitsPerS: number): string {
  return bitsPerS >= 1_000_000 ? `${(bitsPerS / 1_000_000).toFixed(1)} Mb/s` : `${Math.round(bitsPerS / 1000)} kb/s`;
}

/** `0.2 %`. */
export function lossText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
