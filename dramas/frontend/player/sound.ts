/** The sound of two screens: one volume for both, and a cross-fade where a cut would be heard as a click. */

export const FADE_MS = 200;
const STEP_MS = 20;

export class Mixer {
  private level = 1;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly all: readonly HTMLMediaElement[]) {}

  get volume(): number {
    return this.level;
  }

  /** 0 to 1, for whatever sounds. A cross-fade that runs goes on under it. */
  set volume(level: number) {
    this.level = level;
    if (this.timer === undefined) this.settle();
  }

  /** What comes next is not to be heard before it is seen. */
  hush(next: HTMLMediaElement): void {
    next.volume = 0;
  }

  /** From one to the other within 200 ms. Mute is theirs: a muted fade is as silent as before. */
  fade(from: HTMLMediaElement, to: HTMLMediaElement): Promise<void> {
    clearInterval(this.timer);
    const begunAt = performance.now();
    return new Promise((resolve) => {
      this.timer = setInterval(() => {
        const share = Math.min(1, (performance.now() - begunAt) / FADE_MS);
        to.volume = this.level * share;
        from.volume = this.level * (1 - share);
        if (share < 1) return;
        clearInterval(this.timer);
        this.timer = undefined;
        resolve();
      }, STEP_MS);
    });
  }

  /** Every screen at the common volume again. */
  settle(): void {
    for (const one of this.all) one.volume = this.level;
  }
}
