/** The evening's danmaku at its program times, fetched a stretch ahead. */
import { ApiError, callApi } from "@merchants/design/api";
import type { DanmakuPainter } from "../show/danmaku";
import type { Danmaku } from "../show/wire";
import type { Replay } from "./model";

const SEGMENT_MS = 60_000;
const AHEAD_MS = 15_000;

type Line = Omit<Danmaku, "k">;

export class Crowd {
  private readonly segments = new Map<string, Line[]>();
  private readonly asked = new Set<string>();
  private shownUpToMs = 0;

  constructor(
    private readonly replay: Replay,
    private readonly painter: DanmakuPainter,
  ) {}

  /** Show what was said since the last call. After a jump nothing is caught up. Positions are exact to the tick of 100 ms. */
  advance(hasJumped: boolean): void {
    const stretch = this.replay.stretch.value;
    if (!stretch) return;
    const positionMs = stretch.from_ms + this.replay.atMs.value - stretch.at_ms;
    if (hasJumped) {
      this.painter.clear();
      this.shownUpToMs = positionMs;
    }
    this.need(positionMs);
    this.need(positionMs + AHEAD_MS);
    for (const key of new Set([this.keyOf(this.shownUpToMs), this.keyOf(positionMs)])) {
      for (const line of this.segments.get(key) ?? []) {
        if (line.program_seq === stretch.seq && this.shownUpToMs < line.position_ms && line.position_ms <= positionMs) {
          this.painter.show({ ...line, isOwn: line.author === this.replay.page.viewer.id });
        }
      }
    }
    this.shownUpToMs = positionMs;
  }

  private keyOf(positionMs: number): string {
    const stretch = this.replay.stretch.value;
    return `${stretch?.episode_id ?? `live-${stretch?.seq}`}:${Math.floor(positionMs / SEGMENT_MS)}`;
  }

  private need(positionMs: number): void {
    const key = this.keyOf(positionMs);
    if (!this.asked.has(key)) {
      this.asked.add(key);
      void this.fetch(key, Math.floor(positionMs / SEGMENT_MS) * SEGMENT_MS);
    }
  }

  private async fetch(key: string, fromMs: number): Promise<void> {
    const { page, stretch } = this.replay;
    const query = new URLSearchParams({ from_ms: String(fromMs), to_ms: String(fromMs + SEGMENT_MS), airing: page.show.airing_id });
    if (stretch.value?.episode_id) query.set("episode", stretch.value.episode_id);
    try {
      const answer = await callApi<{ items: Line[] }>(`${page.urls.danmaku}?${query}`);
      this.segments.set(key, answer.items);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setTimeout(() => this.asked.delete(key), SEGMENT_MS / 4); // danmaku is dispensable: asked again when it is needed
    }
  }
}
