import assert from "node:assert/strict";
import { test } from "node:test";
import type { Playback, Variation } from "./page";
import { metBy, varied } from "./variations";

const cue = (id: string, at_ms: number) => ({ id, kind: "card", at_ms, duration_ms: 5_000, payload: {}, product_id: "p" });
const playback = { episode_id: "e1", cues: [cue("one", 2_000), cue("two", 9_000)] } as unknown as Playback;
const moving = (cue_times: Record<string, number>, episode_ids = ["e1"], kind = "cue_time"): Variation => ({ experiment_id: "x", kind, episode_ids, cue_times, payload: {}, arms: [] });

test("a cue comes at the viewer's own time, and the list stays in order of time", () => {
  const cues = varied(playback, [moving({ one: 12_000 })]).cues;
  assert.deepEqual(cues.map((one) => [one.id, one.at_ms]), [["two", 9_000], ["one", 12_000]]);
  assert.equal(playback.cues[0]?.at_ms, 2_000);
});

test("without a variation the episode is the very same", () => {
  assert.equal(varied(playback, []), playback);
  assert.equal(varied(playback, [moving({ another: 1 })]), playback);
});

test("an experiment is met in an episode in which any variant differs, the control's viewers included", () => {
  assert.deepEqual(metBy("e1", [moving({})]), ["x"]);
  assert.deepEqual(metBy("e2", [moving({ one: 1 })]), []);
  assert.deepEqual(metBy(null, [moving({})]), []);
});

test("where whole rooms are compared, whoever watches has met it", () => {
  assert.deepEqual(metBy("e7", [moving({}, [])]), ["x"]);
  assert.deepEqual(metBy(null, [moving({}, [])]), ["x"]);
});

test("watching alone meets no experiment about what is drawn", () => {
  for (const kind of ["card_design", "price_display", "quality_ladder"]) assert.deepEqual(metBy("e7", [moving({}, [], kind)]), []);
});
