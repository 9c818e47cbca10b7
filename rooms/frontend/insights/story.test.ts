import assert from "node:assert/strict";
import { test } from "node:test";
import { bandOf, beginsOf, countsAt, namedOf, placeAt, pointsOf, spanOf, tileOf, type Second } from "./story";

const row = (episode: number, second: number, watching: number, left = 0): Second => ({ episode, second, watching, left, hazard: 0 });
const seconds = [row(1, 0, 90), row(1, 74, 50), row(2, 30, 40), row(4, 0, 20)];

test("episodes follow one another, those that nobody saw left out", () => {
  assert.deepEqual([...beginsOf(seconds)], [[1, 0], [2, 75], [4, 106]]);
});

test("an episode that is known is as long as it is, though nobody saw its end", () => {
  assert.deepEqual([...beginsOf(seconds, new Map([[1, 90], [2, 60], [3, 10]]))], [[1, 0], [2, 90], [3, 150], [4, 160]]);
});

test("a place on the line is an episode and its second", () => {
  const begins = beginsOf(seconds);
  assert.deepEqual(pointsOf(seconds, begins).map((point) => point.at), [0, 74, 105, 106]);
  assert.deepEqual(placeAt(74, begins), { episode: 1, second: 74, time: "1:14" });
  assert.deepEqual(placeAt(105, begins), { episode: 2, second: 30, time: "0:30" });
  assert.deepEqual(placeAt(106, begins), { episode: 4, second: 0, time: "0:00" });
});

test("between two rows those watch who have stayed", () => {
  const rows = [row(1, 0, 10), row(1, 5, 10, 3), row(2, 1, 7, 1)];
  assert.deepEqual(countsAt({ episode: 1, second: 4 }, rows), { watching: 10, left: 0 });
  assert.deepEqual(countsAt({ episode: 1, second: 5 }, rows), { watching: 10, left: 3 });
  assert.deepEqual(countsAt({ episode: 1, second: 60 }, rows), { watching: 7, left: 0 });
  assert.deepEqual(countsAt({ episode: 2, second: 1 }, rows), { watching: 7, left: 1 });
  assert.deepEqual(countsAt({ episode: 1, second: 0 }, []), { watching: 0, left: 0 });
});

test("a span is of the episode in which it begins", () => {
  const begins = beginsOf(seconds);
  assert.deepEqual(spanOf(10.4, 20.2, begins), { episode: 1, beginS: 10, endS: 21 });
  assert.deepEqual(spanOf(70, 90, begins), { episode: 1, beginS: 70, endS: 75 });
  assert.deepEqual(spanOf(80, 80, begins), { episode: 2, beginS: 5, endS: 6 });
});

test("a still lies in its sheet by rows, the last one stands for what comes after it", () => {
  const stills = { image_url: "", tile_width: 90, tile_height: 160, tile_ms: 2_000, tiles: 12, columns: 5 };
  assert.deepEqual(tileOf(stills, 0), { left: 0, top: 0 });
  assert.deepEqual(tileOf(stills, 13), { left: 90, top: 160 });
  assert.deepEqual(tileOf(stills, 999), { left: 90, top: 320 });
});

test("a share's band is Wilson's, and narrows with viewers", () => {
  const few = bandOf(8, 10);
  assert.deepEqual([few.share, few.low.toFixed(3), few.high.toFixed(3)], [0.8, "0.490", "0.943"]);
  const many = bandOf(800, 1000);
  assert.ok(many.high - many.low < (few.high - few.low) / 5);
  assert.deepEqual(bandOf(0, 0), { share: 0, low: 0, high: 0 });
});

test("names stand where they have room", () => {
  assert.deepEqual([...namedOf([50, 10, 12, 31], 20)], [1, 3]);
  assert.deepEqual([...namedOf([0, 100, 200], 100)], [0, 1, 2]);
});
