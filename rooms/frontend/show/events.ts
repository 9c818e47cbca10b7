/**
 * Viewer events on their way to the shop: gathered, sent in batches, sent again with the same id until the server says that it
 * has them. Bounded: when nobody takes them, the oldest go.
 */
import type { SendEventsMessage } from "@realtime/messages.gen";

export type ViewerEvent = SendEventsMessage["events"][number];
type WithoutId<Kind> = Kind extends unknown ? Omit<Kind, "id"> : never;
/** An event as the page tells of it; the log gives it its id. */
export type EventDraft = WithoutId<ViewerEvent>;

export interface EventBatch {
  session: string;
  events: ViewerEvent[];
}

/** What became of a batch: taken, refused for good (forget it), or not heard (send it again). */
export type Outcome = "taken" | "refused" | "unheard";

export interface EventLogOptions {
  /** Resolves once it is known what became of the batch. */
  send: (batch: EventBatch) => Promise<Outcome>;
  /** The last batch of a page that goes: sent without waiting for an answer. */
  sendAtExit: (batch: EventBatch) => void;
  /** Server time in ms. */
  now: () => number;
  random?: () => number;
}

export const MOST_KEPT = 500;
export const MOST_IN_A_BATCH = 40;
const FLUSH_MS = 5_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;
/** Browsers let a page that goes send 64 KB in all. */
const BATCHES_AT_EXIT = 4;

export class EventLog {
  readonly session: string;
  private kept: ViewerEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private retryMs = 0;
  private isSending = false;
  private readonly newId: (nowMs: number) => string;

  constructor(private readonly options: EventLogOptions) {
    this.newId = makeIds(options.random ?? Math.random);
    this.session = this.newId(options.now());
  }

  get size(): number {
    return this.kept.length;
  }

  add(draft: EventDraft): void {
    this.kept.push({ ...draft, id: this.newId(this.options.now()) } as ViewerEvent);
    if (this.kept.length > MOST_KEPT) this.kept.splice(0, this.kept.length - MOST_KEPT);
    this.schedule(FLUSH_MS);
  }

  /** Send what there is now. What is not acknowledged stays, and is sent again. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.isSending || this.kept.length === 0) return;
    this.isSending = true;
    const events = this.kept.slice(0, MOST_IN_A_BATCH);
    const outcome = await this.options.send({ session: this.session, events }).catch((): Outcome => "unheard");
    this.isSending = false;
    if (outcome === "unheard") {
      this.retryMs = Math.min(LONGEST_RETRY_MS, Math.max(FIRST_RETRY_MS, this.retryMs * 2));
    } else {
      this.retryMs = 0;
      const done = new Set(events.map((event) => event.id));
      this.kept = this.kept.filter((event) => !done.has(event.id));
    }
    if (this.kept.length > 0) this.schedule(this.retryMs || FLUSH_MS);
  }

  /** The page is hidden or left: everything goes out once more. If the page stays, what was not acknowledged goes again. */
  leave(): void {
    for (let begin = 0; begin < Math.min(this.kept.length, BATCHES_AT_EXIT * MOST_IN_A_BATCH); begin += MOST_IN_A_BATCH) {
      this.options.sendAtExit({ session: this.session, events: this.kept.slice(begin, begin + MOST_IN_A_BATCH) });
    }
  }

  private schedule(ms: number): void {
    this.timer ??= setTimeout(() => void this.flush(), ms);
  }
}

/** UUIDs of version 7: the moment in their first 48 bits, then a count within the millisecond, then chance. */
export function makeIds(random: () => number): (nowMs: number) => string {
  let lastMs = 0;
  let count = 0;
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
  const chance = (digits: number) => hex(Math.floor(random() * 16 ** digits), digits);
  return (nowMs) => {
    const ms = Math.max(lastMs, Math.floor(nowMs));
    count = ms === lastMs ? count + 1 : 0;
    lastMs = ms;
    const stamp = hex(ms, 12);
    const variant = hex(8 + Math.floor(random() * 4), 1);
    return `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${hex(count % 4096, 3)}-${variant}${chance(3)}-${chance(6)}${chance(6)}`;
  };
}
