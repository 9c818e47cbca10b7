/**
 * The server's clock, as seen from here. Local time is monotonic (`performance`), so a change of the device's clock
 * moves nothing.
 */

export interface ClockSample {
  /** Server time minus local time, ms. */
  offsetMs: number;
  rttMs: number;
  atMs: number;
}

const KEPT = 40;
const LEAST = 8;
/** What two quartz clocks may drift apart between two samples that are still compared. */
const DRIFT_MS = 30;

export const localNow = (): number => performance.timeOrigin + performance.now();

export class ServerClock {
  private samples: ClockSample[] = [];
  private estimateMs = 0;
  private readonly listeners = new Set<(offsetMs: number) => void>();

  constructor(private readonly now: () => number = localNow) {}

  /** Start from the time that came with the page; good to a second, until the first pings. */
  seed(serverMs: number): void {
    if (this.samples.length === 0) this.estimateMs = serverMs - this.now();
  }

  /** One ping: sent and received in local ms, answered at `serverMs`. The answer is taken as half-way. */
  sample(sentMs: number, serverMs: number, receivedMs: number): void {
    const rttMs = Math.max(0, receivedMs - sentMs);
    const next = { offsetMs: serverMs - (sentMs + receivedMs) / 2, rttMs, atMs: receivedMs };
    if (this.contradicts(next)) this.samples = [];
    this.samples.push(next);
    if (this.samples.length > KEPT) this.samples.shift();
    this.estimateMs = estimate(this.samples);
    for (const listener of this.listeners) listener(this.estimateMs);
  }

  /** Forget the samples (the device slept); the estimate stands until new ones come. */
  restart(): void {
    this.samples = [];
  }

  /** Enough pings for the figure that playback is steered by. */
  get isReady(): boolean {
    return this.samples.length >= LEAST;
  }

  get offsetMs(): number {
    return this.estimateMs;
  }

  /** Round trip of the newest ping, ms; null before the first one. */
  get roundTripMs(): number | null {
    return this.samples.at(-1)?.rttMs ?? null;
  }

  /** Server time now, ms since the epoch. */
  serverNow(): number {
    return this.now() + this.estimateMs;
  }

  onChange(listener: (offsetMs: number) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** The true offset lies within half the round trip of each sample. No overlap: one of the clocks has jumped. */
  private contradicts(next: ClockSample): boolean {
    const best = this.samples.reduce<ClockSample | null>((a, b) => (a === null || b.rttMs < a.rttMs ? b : a), null);
    return best !== null && Math.abs(next.offsetMs - best.offsetMs) > (next.rttMs + best.rttMs) / 2 + DRIFT_MS;
  }
}

/** Median offset of the quarter with the shortest round trips: queueing only ever lengthens a trip. */
export function estimate(samples: readonly ClockSample[]): number {
  const quickest = [...samples].sort((a, b) => a.rttMs - b.rttMs).slice(0, Math.max(1, Math.ceil(samples.length / 4)));
  const offsets = quickest.map((sample) => sample.offsetMs).sort((a, b) => a - b);
  const middle = offsets.length >> 1;
  return offsets.length % 2 ? offsets[middle]! : (offsets[middle - 1]! + offsets[middle]!) / 2;
}
