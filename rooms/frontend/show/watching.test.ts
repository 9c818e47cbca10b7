import assert from "node:assert/strict";
import { test } from "node:test";
import { choice } from "./consent";
import type { EventDraft } from "./events";
import { Watching, type Playhead } from "./watching";

function makeVisit() {
  const told: EventDraft[] = [];
  const stats = { firstFrameMs: null as number | null, stalledMs: 0, watchedMs: 0, height: 0 };
  const head: Playhead = { programSeq: 3, positionMs: 5_000, episodeId: "e", isPlaying: false, isPaused: false };
  const log = { add: (draft: EventDraft) => void told.push(draft), leave: () => undefined };
  const watching = new Watching({ log, surface: "room", source: "", variant: "", stage: { stats: () => stats }, playhead: () => head });
  const kinds = () => told.map((event) => event.k);
  return { told, stats, head, watching, kinds };
}

test("the first frame is told once, with the time it took and where it was", () => {
  const { told, stats, head, watching, kinds } = makeVisit();
  watching.look();
  assert.deepEqual(kinds(), []);
  Object.assign(head, { isPlaying: true });
  stats.firstFrameMs = 640.4;
  watching.look();
  watching.look();
  assert.deepEqual(told, [{ k: "play", after_ms: 640, program_seq: 3, position_ms: 5_000, episode_id: "e" }]);
});

test("a heartbeat every ten looks says what was watched since the last one", () => {
  const { told, stats, head, watching } = makeVisit();
  Object.assign(head, { isPlaying: true });
  stats.firstFrameMs = 1;
  for (let second = 1; second <= 20; second++) {
    stats.watchedMs += 900;
    head.positionMs += 1_000;
    watching.look();
  }
  const beats = told.filter((event) => event.k === "heartbeat");
  assert.deepEqual(beats.map((beat) => [(beat as { watched_ms: number }).watched_ms, beat.position_ms]), [[9_000, 15_000], [9_000, 25_000]]);
});

test("nobody watches, no heartbeat", () => {
  const { watching, kinds } = makeVisit();
  for (let second = 0; second < 30; second++) watching.look();
  assert.deepEqual(kinds(), []);
});

test("what goes on without the viewer is not where they are", () => {
  const { told, head, stats, watching } = makeVisit();
  Object.assign(head, { isPlaying: true });
  stats.firstFrameMs = 1;
  watching.look();
  Object.assign(head, { isPaused: true, positionMs: 90_000 });
  watching.look();
  watching.look();
  assert.deepEqual(told.map((event) => event.k), ["play", "pause"]);
  watching.note({ k: "like", count: 1 });
  assert.equal(told.at(-1)?.position_ms, 5_000);
});

test("a stall and a change of quality are told", () => {
  const { told, head, stats, watching } = makeVisit();
  Object.assign(head, { isPlaying: true });
  Object.assign(stats, { firstFrameMs: 1, height: 640, stalledMs: 50 });
  watching.look();
  Object.assign(stats, { height: 360, stalledMs: 850 });
  watching.look();
  assert.deepEqual(told.map((event) => [event.k, "height" in event ? event.height : "stalled_ms" in event ? event.stalled_ms : null]), [["play", null], ["quality", 640], ["stall", 850], ["quality", 360]]);
});

test("a viewer who says no is not told of from then on", () => {
  const { told, watching } = makeVisit();
  choice.value = false;
  watching.note({ k: "danmaku" });
  choice.value = null;
  watching.note({ k: "danmaku" });
  assert.equal(told.length, 1);
});
