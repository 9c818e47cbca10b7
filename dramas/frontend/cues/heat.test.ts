import assert from "node:assert/strict";
import { test } from "node:test";
import { barsOf, keyOf, type HeatSecond } from "./heat";

const row = (second: number, change: Partial<HeatSecond> = {}): HeatSecond => ({ second, watching: 10, danmaku: 0, rewinds: 0, taps: 0, left: 0, ...change });

test("bars are as high as their share of the fullest second, up and down by themselves", () => {
  const bars = barsOf([row(0), row(1, { danmaku: 2, taps: 2 }), row(2, { rewinds: 1, left: 8 }), row(3, { left: 2 })]);
  assert.deepEqual(bars, [{ second: 1, up: 1, down: 0 }, { second: 2, up: 0.25, down: 1 }, { second: 3, up: 0, down: 0.25 }]);
});

test("without viewers there are no bars", () => assert.deepEqual(barsOf([row(0), row(1)]), []));

test("a moment is known by its signal and its first second", () => {
  const moment = { signal: "tap", begin_s: 85, end_s: 95, viewers: 12, cue_id: "", to_ms: null, what: "", doubt: "" };
  assert.equal(keyOf(moment), "tap-85");
});
