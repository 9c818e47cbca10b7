/** The ways in which a viewer can watch the host, and when to go from one to the other. Times are ms of any clock. Pure. */

/** Directly by WebRTC, a fraction of a second behind; or by low-latency HLS, which has room for everybody and survives bad networks. */
export type Tier = "webrtc" | "llhls";

/** Why it is not the direct one: all its places are taken, it does not get through, or too much is lost on the way. */
export type Reason = "" | "full" | "unreachable" | "loss";

const LOSS = 0.1;
/** Over so many seconds in the mean, and in most of them: a second of a weak line has few packets to tell by. */
const LOSSY_READINGS = 5;
const LOSSY_AMONG_THEM = 3;
const CALM_LOSS = 0.05;
const CALM_READINGS = 3;
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 300_000;
/** Who fell off a picture that was there so often stays where it is quiet. */
const MOST_FALLS = 3;
/** After so long on the direct line old falls count no more. */
const FORGIVEN_AFTER_MS = 600_000;

export class Ladder {
  tier: Tier = "webrtc";
  reason: Reason = "";
  private falls = 0;
  private pauses = 0;
  private climbAtMs = Infinity;
  private directSinceMs: number | null = null;
  private shares: readonly number[] = [];

  constructor(private readonly random: () => number = Math.random) {}

  /** The direct line cannot be had, or not any more. */
  fall(reason: Exclude<Reason, "">, nowMs: number): void {
    if (this.directSinceMs !== null) {
      if (nowMs - this.directSinceMs > FORGIVEN_AFTER_MS) this.falls = this.pauses = 0;
      this.falls++;
    }
    this.tier = "llhls";
    this.reason = reason;
    this.directSinceMs = null;
    this.waitToClimb(nowMs);
  }

  /** Whether it is time to try the direct line behind the picture. */
  mayClimb(nowMs: number): boolean {
    return this.tier === "llhls" && nowMs >= this.climbAtMs;
  }

  climbFailed(nowMs: number): void {
    this.waitToClimb(nowMs);
  }

  /** The direct line is the one again. */
  climb(): void {
    this.tier = "webrtc";
    this.reason = "";
    this.climbAtMs = Infinity;
    this.shares = [];
  }

  /** The direct picture is seen. */
  noteDirect(nowMs: number): void {
    this.directSinceMs ??= nowMs;
  }

  /** The line is not wanted any more: its end is no fall. */
  noteGone(): void {
    this.directSinceMs = null;
  }

  /** Of the direct line, once a second. Returns what it asks for: to leave it, to take it, or nothing. */
  noteLoss(share: number): "leave" | "take" | null {
    const shares = (this.shares = [...this.shares, share].slice(-LOSSY_READINGS));
    if (isLossy(shares)) return "leave";
    const last = shares.slice(-CALM_READINGS);
    return this.tier === "llhls" && last.length === CALM_READINGS && last.every((one) => one < CALM_LOSS) ? "take" : null;
  }

  private waitToClimb(nowMs: number): void {
    const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.pauses++);
    this.climbAtMs = this.falls >= MOST_FALLS ? Infinity : nowMs + ceiling * (0.5 + this.random());
    this.shares = [];
  }
}

function isLossy(shares: readonly number[]): boolean {
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return shares.length === LOSSY_READINGS && mean > LOSS && shares.filter((share) => share > LOSS).length >= LOSSY_AMONG_THEM;
}
