/** What a viewer's playback was like: stalls, dropped frames, the time to the first picture. */

export interface StageStats {
  /** From `load` to the first frame on the screen; null before it. */
  firstFrameMs: number | null;
  stalls: number;
  stalledMs: number;
  watchedMs: number;
  droppedFrames: number;
  shownFrames: number;
  height: number;
  bitsPerS: number;
  /** Last frame of one episode to the first of the next, newest last. */
  switchGapsMs: readonly number[];
}

const GAPS_KEPT = 20;

/** Counts over all episodes of a page. A pause by hand and a seek are no stalls. */
export class WatchMeter {
  firstFrameMs: number | null = null;
  readonly switchGapsMs: number[] = [];
  stalls = 0;
  private stalledMs = 0;
  private stalledSince: number | null = null;
  private watchedMs = 0;
  private countedAt: number | null = null;
  private loadedAt = 0;

  beginLoad(now = performance.now()): void {
    this.loadedAt = now;
  }

  frameShown(now = performance.now()): void {
    this.firstFrameMs ??= now - this.loadedAt;
    if (this.countedAt !== null) this.watchedMs += Math.min(now - this.countedAt, 1000);
    this.countedAt = now;
    this.endStall(now);
  }

  beginStall(now = performance.now()): void {
    if (this.firstFrameMs === null || this.stalledSince !== null) return;
    this.stalls++;
    this.stalledSince = now;
  }

  endStall(now = performance.now()): void {
    if (this.stalledSince !== null) this.stalledMs += now - this.stalledSince;
    this.stalledSince = null;
  }

  pause(): void {
    this.endStall();
    this.countedAt = null;
  }

  noteSwitch(gapMs: number): void {
    this.switchGapsMs.push(gapMs);
    if (this.switchGapsMs.length > GAPS_KEPT) this.switchGapsMs.shift();
  }

  read(now = performance.now()): Pick<StageStats, "firstFrameMs" | "stalls" | "stalledMs" | "watchedMs" | "switchGapsMs"> {
    const stalling = this.stalledSince === null ? 0 : now - this.stalledSince;
    return { firstFrameMs: this.firstFrameMs, stalls: this.stalls, stalledMs: this.stalledMs + stalling, watchedMs: this.watchedMs, switchGapsMs: this.switchGapsMs };
  }
}
