/** A polite live region that speaks at most every few seconds, so that a lively chat does not drown a screen reader. */

const PAUSE_MS = 4_000;
const MAX_LINES = 3;

export class Announcer {
  private waiting: string[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly region: HTMLElement) {}

  /** Queue a line; the newest three are spoken with the next breath. */
  say(line: string): void {
    this.waiting = [...this.waiting, line].slice(-MAX_LINES);
    this.timer ??= setTimeout(() => this.speak(), this.region.textContent ? PAUSE_MS : 0);
  }

  private speak(): void {
    this.region.textContent = this.waiting.join(". ");
    this.waiting = [];
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.waiting.length) this.speak();
    }, PAUSE_MS);
  }
}
