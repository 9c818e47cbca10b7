/** What watching is made of: entering, the first frame, heartbeats with the playhead, stalls, quality, pauses, leaving. */
import { choice } from "./consent";
import type { EventDraft, EventLog } from "./events";

/** Where in the program the picture stands. `isPaused`: by the viewer's own hand. */
export interface Playhead {
  programSeq: number;
  positionMs: number;
  episodeId: string | null;
  isPlaying: boolean;
  isPaused: boolean;
}

/** The player, as far as it is asked. */
export interface WatchedStage {
  stats(): { firstFrameMs: number | null; stalledMs: number; watchedMs: number; height: number };
}

interface WatchingOptions {
  log: Pick<EventLog, "add" | "leave">;
  surface: "room" | "replay";
  source: string;
  variant: string;
  stage: WatchedStage;
  playhead: () => Playhead | null;
}

type Place = Pick<EventDraft, "program_seq" | "position_ms" | "episode_id">;
/** An event without its place: that is where the playhead is. */
type WithoutPlace<Kind> = Kind extends unknown ? Omit<Kind, keyof Place> : never;
export type Happening = WithoutPlace<EventDraft>;

const LOOK_MS = 1_000;
const HEARTBEAT_MS = 10_000;
const MOST_WATCHED_MS = 60_000;
const LEAST_STALL_MS = 100;
const DAY_MS = 86_400_000;

export class Watching {
  private watchedMs = 0;
  private stalledMs = 0;
  private height = 0;
  private hasPlayed = false;
  private wasPaused = false;
  private looks = 0;
  private isGone = false;
  /** Of the last frame that was seen: what goes on without the viewer is not where they are. */
  private place: Place = {};

  constructor(private readonly options: WatchingOptions) {}

  start(): void {
    const { surface, source, variant } = this.options;
    this.look();
    this.note({ k: "enter", surface, ...(source && { source }), ...(variant && { variant }) });
    setInterval(() => this.look(), LOOK_MS);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.leave();
      else this.isGone = false;
    });
    addEventListener("pagehide", () => this.leave());
  }

  /** Something happened, here in the program. */
  note(happening: Happening): void {
    if (choice.value === false) return;
    this.options.log.add({ ...happening, ...this.place } as EventDraft);
  }

  /** Once a second: what the player says now. */
  look(): void {
    const head = this.options.playhead();
    const stats = this.options.stage.stats();
    if (head?.isPaused && !this.wasPaused) this.note({ k: "pause" });
    this.wasPaused = head?.isPaused ?? false;
    if (head?.isPlaying && !head.isPaused) this.place = placeOf(head);
    if (!this.hasPlayed && head?.isPlaying && stats.firstFrameMs !== null) {
      this.hasPlayed = true;
      this.note({ k: "play", after_ms: whole(stats.firstFrameMs) });
    }
    this.noteStall(stats.stalledMs, head);
    if (stats.height > 0 && stats.height !== this.height) {
      this.height = stats.height;
      this.note({ k: "quality", height: stats.height });
    }
    if (++this.looks % (HEARTBEAT_MS / LOOK_MS) === 0 && stats.watchedMs > this.watchedMs) this.note({ k: "heartbeat", watched_ms: this.takeWatched() });
  }

  /** A long stall is told in parts, while it lasts. */
  private noteStall(stalledMs: number, head: Playhead | null): void {
    if (stalledMs - this.stalledMs < LEAST_STALL_MS || !head?.isPlaying) return;
    this.note({ k: "stall", stalled_ms: whole(stalledMs - this.stalledMs) });
    this.stalledMs = stalledMs;
  }

  private takeWatched(): number {
    const now = this.options.stage.stats().watchedMs;
    const gained = Math.min(MOST_WATCHED_MS, whole(now - this.watchedMs));
    this.watchedMs = now;
    return gained;
  }

  /** Hiding and leaving come one after the other; the visit goes on if the page is seen again. */
  private leave(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.look();
    this.note({ k: "exit", watched_ms: this.takeWatched() });
    this.options.log.leave();
  }
}

function placeOf(head: Playhead): Place {
  return { program_seq: head.programSeq, position_ms: whole(head.positionMs), episode_id: head.episodeId };
}

function whole(ms: number): number {
  return Math.min(DAY_MS, Math.max(0, Math.round(ms)));
}
