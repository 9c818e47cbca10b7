/** Plays the stretches of a replay one after another, and goes where the viewer asks. */
import { Stage, type Trouble } from "@dramas/player/stage";
import { ApiError, callApi } from "@merchants/design/api";
import { effect } from "@preact/signals";
import type { Playback } from "../show/page";
import { preferences } from "../show/preferences";
import type { Replay } from "./model";
import { filmOf, playbackOf } from "./film";
import type { Stretch } from "./state";
import { leftOutBetween, mediaOf, positionIn, stretchAfter, timeOf } from "./timeline";

const TICK_MS = 100;
const PREPARE_BEFORE_MS = 15_000;
const FRAME_MS = 40;
const RETRY_MS = 4_000;
const DUCKED = 0.25;
const NOTICE_MS = 5_000;

export class Reel {
  readonly stage: Stage;
  private readonly asked = new Map<string, Promise<Playback | null>>();
  private isTurning = false;
  private readonly tickListeners = new Set<(atMs: number, hasJumped: boolean) => void>();
  private lastAtMs = -1;
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;
  private goal: number | null = null;

  constructor(
    private readonly replay: Replay,
    container: HTMLElement,
  ) {
    this.stage = new Stage(container, { muted: true });
    this.stage.onMuted(({ muted }) => {
      replay.isMuted.value = muted;
    });
    this.stage.onTrouble((trouble) => this.onTrouble(trouble));
    this.stage.onEnd(() => void this.next());
    effect(() => {
      this.stage.captions = preferences.value.captions ?? "";
    });
    effect(() => {
      this.stage.volume = replay.sheet.value ? DUCKED : 1;
    });
    setInterval(() => this.tick(), TICK_MS);
  }

  /** Called every 100 ms with the place on the timeline; `hasJumped` after a seek. */
  onTick(listener: (atMs: number, hasJumped: boolean) => void): void {
    this.tickListeners.add(listener);
  }

  async start(): Promise<void> {
    const first = this.replay.stretch.value;
    if (first) await this.show(first, first.from_ms);
  }

  toggle(): void {
    if (this.stage.isPlaying) this.stage.pause();
    else void this.resume();
  }

  private async resume(): Promise<void> {
    const { atMs, page } = this.replay;
    if (atMs.value >= page.show.duration_ms - FRAME_MS * 2) await this.seek(0);
    else await this.stage.play();
  }

  /** Go to a moment of the timeline. While one seek is under way the last one asked for wins. */
  async seek(atMs: number): Promise<void> {
    const place = this.replay.place(atMs);
    if (!place) return;
    this.replay.atMs.value = timeOf(place.stretch, place.positionMs);
    if (this.isTurning) {
      this.goal = atMs;
      return;
    }
    if (filmOf(place.stretch) === this.stage.current?.episode_id) {
      this.replay.stretch.value = place.stretch;
      this.stage.seek(mediaOf(place.stretch, place.positionMs));
      await this.stage.play();
    } else {
      await this.show(place.stretch, place.positionMs);
    }
    this.lastAtMs = -1;
  }

  retry(): void {
    this.stage.retry();
    if (!this.stage.current) void this.start();
  }

  /** Ask again what the viewer may see: something was unlocked. */
  async refresh(): Promise<void> {
    const stretch = this.replay.stretch.value;
    if (!stretch?.episode_id) return;
    this.asked.delete(stretch.episode_id);
    await this.ask(stretch.episode_id);
    await this.show(stretch, stretch.from_ms);
  }

  private async show(stretch: Stretch, positionMs: number): Promise<void> {
    this.isTurning = true;
    const { replay } = this;
    replay.stretch.value = stretch;
    try {
      const playback = await this.fetch(stretch);
      if (!playback) return;
      const startMs = playback.is_locked ? 0 : mediaOf(stretch, positionMs);
      if (this.stage.current?.master_url && playback.master_url) {
        await this.stage.preload(playback, startMs);
        await this.stage.swap(() => startMs);
      } else {
        replay.picture.value = "loading";
        await this.stage.load(playback, startMs);
      }
      await this.stage.play();
      replay.picture.value = "playing";
    } finally {
      this.isTurning = false;
    }
    this.follow();
  }

  private follow(): void {
    const goal = this.goal;
    this.goal = null;
    if (goal !== null) void this.seek(goal);
  }

  private tick(): void {
    const { replay } = this;
    const stretch = replay.stretch.value;
    const current = this.stage.current;
    replay.isPlaying.value = this.stage.isPlaying;
    if (!stretch || !current || this.isTurning || current.episode_id !== filmOf(stretch) || current.is_locked) return;
    const positionMs = positionIn(stretch, this.stage.positionMs);
    const atMs = timeOf(stretch, positionMs);
    const hasJumped = this.lastAtMs < 0 || atMs < this.lastAtMs || atMs - this.lastAtMs > 1_500;
    replay.atMs.value = atMs;
    if (!hasJumped) this.noteLeftOut(this.lastAtMs, atMs);
    for (const listener of this.tickListeners) listener(atMs, hasJumped);
    this.lastAtMs = atMs;
    const leftMs = stretch.to_ms - positionMs;
    if (leftMs < PREPARE_BEFORE_MS) void this.prepare(stretch);
    if (leftMs < FRAME_MS) void this.next();
  }

  private async prepare(stretch: Stretch): Promise<void> {
    const next = stretchAfter(this.replay.page.stretches, stretch);
    if (!next || this.stage.waiting || filmOf(next) === filmOf(stretch)) return;
    const playback = await this.fetch(next);
    if (playback && !this.isTurning) await this.stage.preload(playback, playback.is_locked ? 0 : next.media_ms);
  }

  private async next(): Promise<void> {
    const stretch = this.replay.stretch.value;
    if (!stretch || this.isTurning) return;
    const next = stretchAfter(this.replay.page.stretches, stretch);
    if (!next) this.finish();
    else if (filmOf(next) !== filmOf(stretch)) await this.show(next, next.from_ms);
    else if (next.media_ms - mediaOf(stretch, stretch.to_ms) < FRAME_MS && next.recording_id) this.replay.stretch.value = next; // its film runs on
    else await this.seek(next.at_ms);
  }

  private finish(): void {
    const { show } = this.replay.page;
    this.stage.pause();
    this.noteLeftOut(show.duration_ms - FRAME_MS, show.duration_ms);
  }

  /** A plain sentence where the host was live and nothing is there to show. */
  private noteLeftOut(fromMs: number, toMs: number): void {
    const { page, t, toast } = this.replay;
    if (!leftOutBetween(page.left_out, fromMs, toMs)) return;
    toast.value = t(page.is_being_prepared ? "prepared_now" : "left_out_now");
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => (toast.value = ""), NOTICE_MS);
  }

  private fetch(stretch: Stretch): Promise<Playback | null> {
    const recording = this.replay.page.recordings.find((one) => one.id === stretch.recording_id);
    if (recording) return Promise.resolve(playbackOf(recording));
    const episodeId = stretch.episode_id ?? "";
    const known = this.replay.playbacks.value[episodeId];
    const answer = this.asked.get(episodeId) ?? (known ? Promise.resolve(known) : this.ask(episodeId));
    this.asked.set(episodeId, answer);
    return answer;
  }

  private async ask(episodeId: string): Promise<Playback | null> {
    const { replay } = this;
    try {
      const found = await callApi<Playback>(replay.page.urls.playback.replace("{episode}", episodeId));
      replay.setPlayback(found);
      return found;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.asked.delete(episodeId);
      replay.picture.value = "failed";
      replay.retryAtMs.value = Date.now() + RETRY_MS;
      setTimeout(() => replay.stretch.value && void this.show(replay.stretch.value, replay.stretch.value.from_ms), RETRY_MS);
      return null;
    }
  }

  private onTrouble(trouble: Trouble | null): void {
    const { replay } = this;
    if (trouble === null) replay.picture.value = "playing";
    else if (trouble.kind === "locked") void this.refresh();
    else if (trouble.kind === "gone" || trouble.attempt > 2) {
      replay.picture.value = "failed";
      replay.retryAtMs.value = trouble.retryInMs === null ? 0 : Date.now() + trouble.retryInMs;
    } else if (replay.picture.value === "playing") replay.picture.value = "weak";
  }
}
