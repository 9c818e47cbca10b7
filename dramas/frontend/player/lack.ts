/** Nothing new on the screen although it should play: said after three seconds, again and again, at longer pauses. */
import type { Trouble } from "./recovery";

const NO_PICTURE_MS = 3_000;
/** From this attempt on the loading is begun anew, at longer pauses: sooner it would only break off a slow answer. */
const RELOAD_FROM_ATTEMPT = 3;
const RELOAD_EVERY_MS = 8_000;

export interface LackEvents {
  /** The first time it is missed; the last frame, or the wish for one, was then. */
  began(sinceMs: number): void;
  trouble(trouble: Trouble | null): void;
  reload(): void;
}

/** Needs: `look` about twice a second, `shown` with every frame. Times are those of `performance.now()`. */
export class Lack {
  private attempt = 0;
  private saidAt = 0;
  private shownAt = 0;

  constructor(private readonly events: LackEvents) {}

  get isFelt(): boolean {
    return this.attempt > 0;
  }

  /** A picture is expected from now on. */
  expect(): void {
    this.shownAt = performance.now();
  }

  shown(): void {
    this.expect();
    if (this.attempt === 0) return;
    this.attempt = 0;
    this.events.trouble(null);
  }

  look(): void {
    const now = performance.now();
    const pauseMs = this.attempt < RELOAD_FROM_ATTEMPT ? NO_PICTURE_MS : RELOAD_EVERY_MS;
    if (now - (this.isFelt ? this.saidAt : this.shownAt) >= pauseMs) this.miss();
  }

  /** It is known not to have come: nothing has to be waited for. */
  miss(): void {
    this.saidAt = performance.now();
    if (++this.attempt === 1) this.events.began(this.shownAt);
    if (this.attempt > RELOAD_FROM_ATTEMPT) this.events.reload();
    this.events.trouble({ kind: "no_picture", attempt: this.attempt, retryInMs: this.attempt < RELOAD_FROM_ATTEMPT ? null : RELOAD_EVERY_MS });
  }
}
