/** Puts the program on the player's stage: loads, preloads, changes over at the announced moment, reports trouble. */
import { effect, untracked } from "@preact/signals";
import { Stage, type Trouble } from "@dramas/player/stage";
import { ApiError, callApi } from "@merchants/design/api";
import { ladderOf } from "../show/arms";
import type { Playback } from "../show/page";
import { interruptedBy, placeToReturnTo, positionOf, remainingOf } from "../show/program";
import { preferences } from "../show/preferences";
import { programOf } from "../show/show";
import type { Entry } from "../show/wire";
import type { Roads } from "./lines";
import { isLive, LivePicture } from "./live";
import type { Room } from "./model";
import type { LineReport } from "./reporting";
import type { GuestLines } from "./stage/lines";

/** A warm screen needs about this long from the call to its first frame. */
const SWAP_AHEAD_MS = 70;
/** The likely next episode gets ready this long before the end; spread over a crowd. */
const PREPARE_BEFORE_MS = 20_000;
/** The host's picture comes first; the story that waits behind it is fetched after this, spread over a crowd by as much. */
const STORY_AFTER_MS = 500;
const FETCH_RETRY_MS = 3_000;
const DUCKED = 0.25;
const FAILS_AFTER = 3;
/** A change that did not come about is tried again after this. */
const SWAP_AGAIN_MS = 300;

export class Picture {
  readonly stage: Stage;
  private readonly live: LivePicture;
  private readonly asked = new Map<string, Promise<Playback | null>>();
  private swapTimer: ReturnType<typeof setTimeout> | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private againTimer: ReturnType<typeof setTimeout> | undefined;
  private plannedSeq = 0;
  private storyAtMs = Infinity;
  private isLoading = false;

  constructor(
    private readonly room: Room,
    private readonly now: () => number,
    private readonly container: HTMLElement,
    roads: Roads,
    guests: GuestLines | null = null,
    report: LineReport | null = null,
  ) {
    this.stage = new Stage(container, { muted: true, ladder: ladderOf(room.page.variations) });
    this.live = new LivePicture(room, this.stage, roads, now, () => !isLive(room.entry.value) && this.turn(room.entry.value), guests, report);
    this.stage.onTrouble((trouble) => this.onTrouble(trouble));
    this.stage.onMuted(({ muted }) => {
      room.isMuted.value = muted;
    });
    this.stage.onChange((playback) => playback && this.settle());
    effect(() => {
      const entry = room.entry.value;
      untracked(() => this.turn(entry));
    });
    effect(() => {
      const entry = room.nextEntry.value;
      untracked(() => this.prepare(entry));
    });
    effect(() => {
      this.stage.captions = preferences.value.captions ?? "";
    });
    effect(() => {
      this.stage.volume = room.sheet.value ? DUCKED : 1;
    });
  }

  /** Called each tick: gets ready what is likely to follow before it is announced. */
  tick(): void {
    const { entry, season } = this.room;
    const onAir = entry.value;
    if (this.stage.isLive) return this.keepStoryReady();
    this.storyAtMs = Infinity;
    const leftMs = onAir && remainingOf(onAir, this.room.nowMs.value);
    if (!onAir?.source.number || leftMs === null || leftMs > PREPARE_BEFORE_MS || this.stage.waiting || isLive(this.room.nextEntry.value)) return;
    const episodes = season.value?.episodes ?? [];
    const next = episodes.find((one) => one.number === (onAir.source.number ?? 0) + 1) ?? (this.room.show.value.is_looping ? episodes[0] : undefined);
    if (next?.is_playable) void this.preload(next.id, 0);
  }

  /** Behind the host's picture the story waits where it stopped: who returns finds it decoded, also who came in the middle. */
  private keepStoryReady(): void {
    const story = placeToReturnTo(interruptedBy(this.room.entry.value, programOf(this.room.show.value)), this.room.season.value?.episodes ?? []);
    if (this.storyAtMs === Infinity) this.storyAtMs = this.now() + STORY_AFTER_MS * (1 + Math.random());
    if (story && !this.stage.waiting && !this.stage.isWaitingForLine && this.now() >= this.storyAtMs) void this.preload(story.id, story.atMs);
  }

  /** Captions stand this far above the bottom edge. */
  setCaptionsAbove(px: number): void {
    this.container.style.setProperty("--captions-bottom", `${px}px`);
  }

  toggleSound(): void {
    this.stage.muted = !this.stage.muted;
  }

  pause(): void {
    this.room.isPaused.value = true;
    this.stage.follow(null);
    this.stage.pause();
  }

  /** Go on where the room is by now. */
  resume(): void {
    this.room.isPaused.value = false;
    this.turn(this.room.entry.value);
  }

  retry(): void {
    this.room.retryAtMs.value = 0;
    if (isLive(this.room.entry.value)) return this.live.retry();
    this.stage.retry();
    if (!this.stage.current) void this.turn(this.room.entry.value);
  }

  /** Something was paid: a locked episode may be open now. */
  async unlocked(): Promise<void> {
    const current = this.room.playback.value;
    for (const [id, known] of Object.entries(this.room.playbacks.value)) if (known.is_locked) this.asked.delete(id);
    if (current?.is_locked) await this.refresh(current.episode_id);
  }

  /** Ask the server again: an entitlement may have come. */
  async refresh(episodeId: string): Promise<void> {
    const found = await this.ask(episodeId);
    if (found && this.room.episodeId.value === episodeId) await this.load(found);
  }

  // The entry on air -------------------------------------------------------------------------------

  private turn(entry: Entry | null): void {
    if (isLive(entry)) return this.live.turn();
    if (!entry || entry.source.kind !== "episode" || !entry.source.id) {
      this.stage.follow(null);
      this.stage.pause();
      return;
    }
    const isShown = this.stage.current?.episode_id === entry.source.id;
    if (isShown) void this.settle();
    else if (this.stage.waiting?.episode_id === entry.source.id) void this.swapTo(entry);
    else void this.bring(entry.source.id);
  }

  private async bring(episodeId: string): Promise<void> {
    const found = await this.fetch(episodeId);
    if (found && this.isOnAir(found)) await this.load(found);
  }

  private isOnAir(playback: Playback): boolean {
    return this.room.episodeId.value === playback.episode_id;
  }

  private async load(playback: Playback): Promise<void> {
    if (this.isLoading) return;
    this.isLoading = true;
    const isShowing = this.stage.isLive || Boolean(this.stage.current?.master_url);
    if (!this.stage.current && !this.stage.isLive) this.room.picture.value = "loading";
    try {
      if (isShowing && playback.master_url) {
        await this.stage.preload(playback, this.startOf(playback));
        if ((await this.stage.swap(() => this.startOf(playback))) === null) this.turnAgain();
      } else {
        await this.stage.load(playback, this.startOf(playback));
      }
    } finally {
      this.isLoading = false;
    }
    if (!this.isOnAir(playback)) this.turn(this.room.entry.value);
    else await this.settle();
  }

  /** Play in step with the program; a teaser runs by itself. */
  private async settle(): Promise<void> {
    const current = this.stage.current;
    if (!current || !this.isOnAir(current) || this.room.isPaused.value) return;
    if (current.is_locked) {
      this.stage.follow(null);
      await this.stage.play();
    } else {
      await this.stage.playFrom(this.positionOnAir());
      this.stage.follow(() => this.program());
    }
    if (!this.stage.lacksPicture) this.room.picture.value = "playing";
  }

  private startOf(playback: Playback): number {
    return playback.is_locked ? 0 : this.positionOnAir();
  }

  private positionOnAir(): number {
    const entry = this.room.entry.value;
    return entry ? positionOf(entry, this.now()) : 0;
  }

  private program(): { positionMs: number; rate: number } | null {
    const entry = this.room.entry.value;
    if (!entry || entry.source.id !== this.stage.current?.episode_id) return null;
    return { positionMs: positionOf(entry, this.now()), rate: entry.rate };
  }

  /** The change did not come about: its picture has not arrived, or another change was on its way. */
  private turnAgain(): void {
    clearTimeout(this.againTimer);
    this.againTimer = setTimeout(() => this.turn(this.room.entry.value), SWAP_AGAIN_MS);
  }

  // The entry that comes ---------------------------------------------------------------------------

  private prepare(entry: Entry | null): void {
    if (entry?.seq === this.plannedSeq) return;
    clearTimeout(this.swapTimer); // what was announced has come on air, or never will
    this.plannedSeq = entry?.seq ?? 0;
    if (!entry || entry.source.kind !== "episode" || !entry.source.id) return;
    void this.preload(entry.source.id, entry.offset_ms);
    this.swapTimer = setTimeout(() => void this.swapTo(entry), entry.started_at_ms - this.now() - SWAP_AHEAD_MS);
  }

  private async preload(episodeId: string, atMs: number): Promise<void> {
    const playback = await this.fetch(episodeId);
    if (!playback || this.stage.current?.episode_id === episodeId) return;
    await this.stage.preload(playback, playback.is_locked ? 0 : atMs);
  }

  private async swapTo(entry: Entry): Promise<void> {
    const waiting = this.stage.waiting;
    if (!waiting || waiting.episode_id !== entry.source.id) return;
    const latenessMs = this.now() - entry.started_at_ms;
    const gapMs = await this.stage.swap(waiting.is_locked || latenessMs < 0 ? undefined : () => positionOf(entry, this.now()));
    if (gapMs === null) this.turnAgain();
    if (!this.stage.lacksPicture) this.room.picture.value = "playing";
    await this.settle();
  }

  // Playbacks and trouble --------------------------------------------------------------------------

  private fetch(episodeId: string): Promise<Playback | null> {
    const known = this.room.playbacks.value[episodeId];
    const asked = this.asked.get(episodeId);
    if (asked) return asked;
    const answer = known ? Promise.resolve(known) : this.ask(episodeId);
    this.asked.set(episodeId, answer);
    return answer;
  }

  private async ask(episodeId: string): Promise<Playback | null> {
    try {
      const found = await callApi<Playback>(this.room.page.urls.playback.replace("{episode}", episodeId));
      return this.room.setPlayback(found);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.asked.delete(episodeId);
      if (this.room.episodeId.value === episodeId) this.fail(FETCH_RETRY_MS, () => this.turn(this.room.entry.value));
      return null;
    }
  }

  private onTrouble(trouble: Trouble | null): void {
    const { room } = this;
    if (isLive(room.entry.value)) {
      if (this.stage.isLive && room.picture.value !== "failed") room.picture.value = trouble === null ? "playing" : "weak";
    } else if (trouble === null) {
      room.picture.value = "playing";
    } else if (trouble.kind === "locked") {
      if (this.stage.current) void this.refresh(this.stage.current.episode_id);
    } else if (trouble.kind === "gone" || trouble.attempt >= FAILS_AFTER) {
      room.picture.value = "failed";
      room.retryAtMs.value = trouble.retryInMs === null ? 0 : this.now() + trouble.retryInMs;
    } else if (room.picture.value === "playing") {
      room.picture.value = "weak";
    }
  }

  private fail(retryInMs: number, again: () => void): void {
    this.room.picture.value = "failed";
    this.room.retryAtMs.value = this.now() + retryInMs;
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(again, retryInMs);
  }
}
