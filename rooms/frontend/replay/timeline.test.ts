import assert from "node:assert/strict";
import { test } from "node:test";
import type { Moment, Stretch } from "./state";
import { filmOf, playbackOf } from "./film";
import { heatPath, leftOutBetween, mediaOf, momentAt, placeAt, positionIn, stretchAfter, timeOf } from "./timeline";

const stretches: Stretch[] = [
  { seq: 1, episode_id: "one", recording_id: null, at_ms: 0, from_ms: 0, to_ms: 10_000, media_ms: 0 },
  { seq: 3, episode_id: "two", recording_id: null, at_ms: 10_000, from_ms: 4_000, to_ms: 9_000, media_ms: 4_000 },
];
const [first, second] = stretches as [Stretch, Stretch];

test("a moment of the timeline is a position of the episode that aired then", () => {
  assert.deepEqual(placeAt(stretches, 2_500), { stretch: first, positionMs: 2_500 });
  assert.deepEqual(placeAt(stretches, 10_000), { stretch: second, positionMs: 4_000 });
  assert.deepEqual(placeAt(stretches, 99_000), { stretch: second, positionMs: 9_000 });
  assert.deepEqual(placeAt(stretches, -5), { stretch: first, positionMs: 0 });
  assert.equal(placeAt([], 0), null);
});

test("and back again", () => {
  for (const atMs of [0, 9_999, 10_000, 14_999]) {
    const place = placeAt(stretches, atMs);
    assert.equal(place && timeOf(place.stretch, place.positionMs), atMs);
  }
  assert.equal(stretchAfter(stretches, first), second);
  assert.equal(stretchAfter(stretches, second), null);
});

test("a live part's film has times of its own", () => {
  const live: Stretch = { seq: 2, episode_id: null, recording_id: "r", at_ms: 10_000, from_ms: 180, to_ms: 6_000, media_ms: 2_500 };
  assert.equal(mediaOf(live, 180), 2_500);
  assert.equal(mediaOf(live, 1_180), 3_500);
  assert.equal(positionIn(live, 3_500), 1_180);
  assert.equal(mediaOf(second, 5_000), 5_000);
  assert.deepEqual([first, live].map(filmOf), ["one", "r"]);
});

test("a recording is free and has its own length", () => {
  const playback = playbackOf({ id: "r", url: "/media/a/recordings/r/index.m3u8", width: 720, height: 1280, duration_ms: 9_000 });
  assert.equal(playback.is_locked, false);
  assert.deepEqual([playback.episode_id, playback.master_url, playback.duration_ms], ["r", "/media/a/recordings/r/index.m3u8", 9_000]);
});

test("what was left out is told where it is passed, once", () => {
  const leftOut = [{ at_ms: 10_000, length_ms: 60_000 }];
  assert.equal(leftOutBetween(leftOut, 9_900, 10_000), leftOut[0]);
  assert.equal(leftOutBetween(leftOut, 10_000, 10_100), null);
  assert.equal(leftOutBetween(leftOut, 0, 9_999), null);
});

test("the card that rose last is the one that is up", () => {
  const moment = (key: string, atMs: number): Moment => ({ key, at_ms: atMs, duration_ms: 3_000, product_id: "p", cue_id: null });
  const moments = [moment("a", 1_000), moment("b", 2_000)];
  assert.equal(momentAt(moments, 999), null);
  assert.equal(momentAt(moments, 2_500)?.key, "b");
  assert.equal(momentAt(moments, 5_000), null);
});

test("the heat stays inside its box, for a silent show too", () => {
  for (const heat of [[0, 0, 0], [1, 90, 4], []]) {
    const numbers = (heatPath(heat, 600, 40).match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
    assert.ok(numbers.every((value) => value >= 0 && value <= 600), heatPath(heat, 600, 40));
  }
});
