/** Where a video stands, to the frame: from the frames that were really shown, not from `currentTime`. */

/** A shown frame. Times in ms; `shownAt` on `performance.now()`'s scale. */
export interface ShownFrame {
  mediaMs: number;
  shownAt: number;
}

const FRESH_MS = 200;

export class FrameClock {
  /** Frames shown since the video was loaded. */
  count = 0;
  last: ShownFrame | null = null;
  private handle = 0;
  private readonly listeners = new Set<(frame: ShownFrame) => void>();

  constructor(private readonly video: HTMLVideoElement) {
    this.watch();
  }

  /**
   * Media position now, ms. Between frames it is carried forward with the playback rate. Without a frame for 200 ms
   * (a background tab shows none) the element's own coarser time serves.
   */
  positionMs(now = performance.now()): number {
    const { last, video } = this;
    if (last === null || video.paused || now - last.shownAt > FRESH_MS) return video.currentTime * 1000;
    return last.mediaMs + (now - last.shownAt) * video.playbackRate;
  }

  /** Resolves with the next frame that is shown. */
  next(): Promise<ShownFrame> {
    return new Promise((resolve) => {
      const stop = this.onFrame((frame) => {
        stop();
        resolve(frame);
      });
    });
  }

  onFrame(listener: (frame: ShownFrame) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  reset(): void {
    this.count = 0;
    this.last = null;
  }

  stop(): void {
    this.video.cancelVideoFrameCallback?.(this.handle);
    this.listeners.clear();
  }

  private watch(): void {
    if (!("requestVideoFrameCallback" in this.video)) return; // Firefox before 132: `currentTime` alone
    this.handle = this.video.requestVideoFrameCallback((_now, frame) => {
      this.count++;
      this.last = { mediaMs: frame.mediaTime * 1000, shownAt: frame.expectedDisplayTime };
      for (const listener of [...this.listeners]) listener(this.last);
      this.watch();
    });
  }
}
