/** The host's line on the stage: connected before the cut, shown with its first frame, held while it is on air. */
import { computed, effect, untracked } from "@preact/signals";
import type { Feed, Stage } from "@dramas/player/stage";
import type { WatchState } from "@realtime/rtc/watching";
import type { Entry } from "../show/wire";
import { HostLines, type Roads } from "./lines";
import type { Room } from "./model";
import type { LineReport } from "./reporting";
import type { GuestLines } from "./stage/lines";

/** A cut that waits for the episode's end: connect this long before, spread over the crowd by as much. */
const CONNECT_BEFORE_MS = 5_000;
const SPREAD_MS = 5_000;
/** A running line shows its next frame within this time. */
const SWAP_AHEAD_MS = 30;
/** The host may take a return back: the line is kept for a moment. */
const KEEP_MS = 5_000;
const AGAIN_MS = 300;

export class LivePicture {
  private readonly lines: HostLines;
  private readonly aheadMs = CONNECT_BEFORE_MS + Math.random() * SPREAD_MS;
  private feed: Feed | null = null;
  private cutTimer: ReturnType<typeof setTimeout> | undefined;
  private closeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly room: Room,
    private readonly stage: Stage,
    roads: Roads,
    private readonly now: () => number,
    private readonly afterCut: () => void,
    private readonly guests: GuestLines | null = null,
    private readonly report: LineReport | null = null,
  ) {
    this.lines = new HostLines(
      roads,
      {
        state: (state) => this.onState(state),
        feed: (feed) => void this.onFeed(feed),
        lag: (ms) => {
          room.lagMs.value = ms;
        },
        figures: (tier, figures) => isLive(room.entry.value) && report?.note(tier, figures),
        tier: (tier, reason) => {
          room.tier.value = { tier, reason };
          if (tier !== "webrtc") this.guests?.detach();
        },
        connected: (connection, session) => this.guests?.attach(connection, session),
      },
      now,
    );
    const announced = computed(() => (room.nextEntry.value?.source.kind === "live" ? room.nextEntry.value : null));
    const isWanted = computed(() => {
      const next = announced.value;
      const isNear = next !== null && next.started_at_ms - room.nowMs.value < this.aheadMs;
      return isNear || isLive(room.entry.value) || (room.show.value.state === "fault" && untracked(() => this.lines.state !== "off"));
    });
    effect(() => {
      const isOpen = isWanted.value;
      untracked(() => (isOpen ? this.open() : this.closeLater()));
    });
    effect(() => {
      const next = announced.value;
      clearTimeout(this.cutTimer);
      if (next) this.cutTimer = setTimeout(() => void this.cut(true), next.started_at_ms - this.now() - SWAP_AHEAD_MS);
    });
  }

  /** The host is on air from now on. Until the line is there, what was on the screen goes on. */
  turn(): void {
    this.stage.follow(null);
    this.open();
    if (this.room.isPaused.value) return;
    if (this.feed !== null && this.stage.shownLine === this.feed) void this.stage.play();
    else void this.cut();
  }

  retry(): void {
    if (this.lines.state === "failed") this.room.picture.value = "loading";
    this.lines.retry();
  }

  private open(): void {
    clearTimeout(this.closeTimer);
    this.lines.open();
    if (this.feed && this.stage.shownLine !== this.feed && !this.stage.waitingLine) void this.onFeed(this.feed);
  }

  private closeLater(): void {
    clearTimeout(this.closeTimer);
    if (this.lines.state === "off") return;
    this.closeTimer = setTimeout(() => {
      if (this.stage.isLive) return this.closeLater(); // what comes next is not there yet
      this.lines.close();
      this.stage.dropLine();
      this.feed = null;
      this.room.lagMs.value = null;
    }, KEEP_MS);
  }

  private async onFeed(feed: Feed): Promise<void> {
    this.feed = feed;
    await this.stage.preloadLine(feed);
    if (feed === this.feed && isLive(this.room.entry.value)) await this.cut();
  }

  /** Show the line. `isEarly`: its moment is a few milliseconds away. */
  private async cut(isEarly = false): Promise<void> {
    const { room, stage } = this;
    const isDue = isLive(room.entry.value) || (isEarly && isLive(room.nextEntry.value));
    if (!isDue || room.isPaused.value || this.feed === null || stage.waitingLine !== this.feed) return;
    stage.follow(null);
    const gapMs = await stage.swap();
    if (gapMs === null) {
      this.cutTimer = setTimeout(() => void this.cut(isEarly), AGAIN_MS);
      return;
    }
    if (stage.shownLine === this.feed) this.lines.shown();
    await stage.play();
    room.picture.value = this.lines.state === "heard" ? "playing" : "weak";
    this.afterCut();
  }

  private onState(state: WatchState): void {
    const { room } = this;
    room.line.value = state;
    if (state === "off" || state === "failed") this.guests?.detach();
    if (!isLive(room.entry.value)) return;
    if (state === "silent") this.report?.stall();
    if (state === "silent") room.picture.value = "weak";
    else if (state === "failed") this.fail();
    else if (state === "heard" && this.stage.isLive) room.picture.value = "playing";
  }

  private fail(): void {
    this.stage.pause();
    this.room.picture.value = "failed";
    this.room.retryAtMs.value = 0;
  }
}

export function isLive(entry: Entry | null): boolean {
  return entry?.source.kind === "live";
}
