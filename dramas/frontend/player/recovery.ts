/** What to do when hls.js gives up: try again with growing pauses, a limited number of times, and say so meanwhile. */
import Hls, { ErrorTypes, Events } from "hls.js/light";
import type { ErrorData } from "hls.js";

/**
 * `network`: another attempt follows in `retryInMs`. `locked`: the key was refused. `gone`: no attempt follows.
 * `no_picture`: nothing new has been on the screen for seconds although it should play.
 */
export interface Trouble {
  kind: "network" | "locked" | "gone" | "no_picture";
  attempt: number;
  retryInMs: number | null;
}

export const MOST_ATTEMPTS = 8;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;
const MEDIA_REPAIR_EVERY_MS = 5_000;

/** Pause before an attempt, counted from 1; `random` from 0 to 1 spreads a crowd. Pure. */
export function pauseMs(attempt: number, random: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (0.75 + random / 2);
}

export class Recovery {
  private attempt = 0;
  private repairedAt = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly hls: Hls, private readonly report: (trouble: Trouble | null) => void) {
    hls.on(Events.ERROR, (_event, data) => data.fatal && this.handle(data));
    hls.on(Events.FRAG_BUFFERED, () => this.recovered());
  }

  /** Try at once: the viewer asked for it, or the device is online again. */
  retry(): void {
    clearTimeout(this.timer);
    this.attempt = Math.max(1, this.attempt);
    this.restart();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private handle(data: ErrorData): void {
    if (data.type === ErrorTypes.MEDIA_ERROR && performance.now() - this.repairedAt > MEDIA_REPAIR_EVERY_MS) {
      this.repairedAt = performance.now();
      this.hls.recoverMediaError();
    } else if (data.type === ErrorTypes.NETWORK_ERROR && isRefusal(data)) {
      this.report({ kind: "locked", attempt: this.attempt, retryInMs: null });
    } else {
      this.tryLater();
    }
  }

  private tryLater(): void {
    if (this.attempt >= MOST_ATTEMPTS) return this.report({ kind: "gone", attempt: this.attempt, retryInMs: null });
    const waitMs = pauseMs(++this.attempt, Math.random());
    this.report({ kind: "network", attempt: this.attempt, retryInMs: Math.round(waitMs) });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.restart(), waitMs);
  }

  private restart(): void {
    if (this.hls.levels.length === 0 && this.hls.url) this.hls.loadSource(this.hls.url);
    else this.hls.startLoad();
  }

  private recovered(): void {
    if (this.attempt === 0) return;
    this.attempt = 0;
    clearTimeout(this.timer);
    this.report(null);
  }
}

function isRefusal(data: ErrorData): boolean {
  return data.response?.code === 401 || data.response?.code === 403;
}
