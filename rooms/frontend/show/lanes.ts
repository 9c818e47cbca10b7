/** Which lane a line of danmaku takes, so that no line runs into the one before it. Pure; times in ms, widths in px. */

export interface LaneChoice {
  lane: number;
  /** How long the line needs from the right edge until its tail has left on the left. */
  durationMs: number;
}

interface LastLine {
  /** When its tail has entered and the gap behind it is clear. */
  clearAtMs: number;
  /** When its tail reaches the left edge. */
  goneAtMs: number;
}

const GAP_PX = 24;

/** Lanes of one stage. Longer lines run a little faster, within bounds, so that the crowd does not march. */
export class Lanes {
  private last: (LastLine | undefined)[];

  constructor(
    readonly count: number,
    private readonly crossMs = 7_000,
  ) {
    this.last = new Array<LastLine | undefined>(count).fill(undefined);
  }

  /** The topmost lane that is free for a line of this width; null when all are taken, unless `must` (then the one that clears first). */
  take(atMs: number, lineWidth: number, stageWidth: number, must = false): LaneChoice | null {
    const durationMs = this.crossMs * (1 - Math.min(0.25, lineWidth / (stageWidth * 8)));
    const speed = (stageWidth + lineWidth) / durationMs;
    let lane = this.last.findIndex((line) => isFree(line, atMs, stageWidth / speed));
    if (lane < 0) {
      if (!must) return null;
      lane = this.last.reduce((best, line, index) => ((line?.clearAtMs ?? 0) < (this.last[best]?.clearAtMs ?? 0) ? index : best), 0);
    }
    this.last[lane] = { clearAtMs: atMs + (lineWidth + GAP_PX) / speed, goneAtMs: atMs + durationMs };
    return { lane, durationMs };
  }

  clear(): void {
    this.last.fill(undefined);
  }
}

/** Free when the last line has fully entered and will have left before this one's head (after `reachMs`) comes to the left edge. */
function isFree(line: LastLine | undefined, atMs: number, reachMs: number): boolean {
  return !line || (line.clearAtMs <= atMs && line.goneAtMs <= atMs + reachMs);
}
