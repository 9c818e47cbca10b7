/** Tells the room's server now and then how the host's line looks here: a sample, so that a crowd does not write more than a few do. */
import type { FilmFigures } from "@realtime/rtc/filmed";
import type { FiguresMessage } from "@realtime/messages.gen";
import type { Tier } from "./tiers";

const EVERY_MS = 5_000;
/** So many pages of a room report in each round, however many watch. */
const REPORTERS = 100;
const MOST_MS = 120_000;
const MOST_COUNT = 10_000;

/** Where figures go, while a way to watch shows the line. */
export interface LineReport {
  /** Once a second; `freezes` and `frozenMs` are sums since the connection began. */
  note(tier: Tier, figures: FilmFigures): void;
  /** The picture stopped because nothing came any more. */
  stall(): void;
}

export class Reporter implements LineReport {
  private sinceMs: number | null = null;
  private last: FilmFigures | null = null;
  private freezes = 0;
  private frozenMs = 0;
  private stalls = 0;
  private lostShare = 0;

  constructor(
    private readonly send: (message: FiguresMessage) => void,
    private readonly watching: () => number,
    private readonly now: () => number = () => performance.now(),
    private readonly random: () => number = Math.random,
  ) {}

  note(tier: Tier, figures: FilmFigures): void {
    const isNew = this.last === null || figures.freezes < this.last.freezes || figures.frozenMs < this.last.frozenMs;
    this.freezes += isNew ? 0 : figures.freezes - this.last!.freezes;
    this.frozenMs += isNew ? 0 : figures.frozenMs - this.last!.frozenMs;
    this.lostShare = Math.max(this.lostShare, figures.lostShare);
    this.last = figures;
    this.sinceMs ??= this.now();
    const overMs = this.now() - this.sinceMs;
    if (overMs < EVERY_MS) return;
    if (overMs < MOST_MS && this.random() * this.watching() > REPORTERS) return; // another one's turn; what happened is told later
    this.send({
      k: "live.figures",
      tier,
      over_ms: whole(overMs, MOST_MS),
      width: whole(figures.width, 8192),
      height: whole(figures.height, 8192),
      frames_per_s: Math.min(240, figures.framesPerS),
      freezes: whole(this.freezes, MOST_COUNT),
      frozen_ms: whole(this.frozenMs, MOST_MS),
      stalls: whole(this.stalls, MOST_COUNT),
      lost_permille: whole(this.lostShare * 1000, 1000),
      decode_ms: Math.min(MOST_MS, figures.decodeMs),
      buffered_ms: Math.min(MOST_MS, figures.bufferedMs),
      round_trip_ms: figures.roundTripMs === null ? null : Math.min(MOST_MS, figures.roundTripMs),
    });
    this.sinceMs = this.now();
    this.freezes = this.frozenMs = this.stalls = this.lostShare = 0;
  }

  stall(): void {
    this.stalls++;
  }
}

function whole(value: number, most: number): number {
  return Math.min(most, Math.max(0, Math.round(value)));
}
