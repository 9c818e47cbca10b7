import assert from "node:assert/strict";
import { test } from "node:test";
import { Lanes } from "./lanes";

const STAGE = 390;

test("lines that come together take lanes from the top", () => {
  const lanes = new Lanes(4);
  assert.deepEqual([1, 2, 3, 4].map(() => lanes.take(0, 120, STAGE)?.lane), [0, 1, 2, 3]);
});

test("a full stage drops a line, but never the viewer's own", () => {
  const lanes = new Lanes(2);
  lanes.take(0, 120, STAGE);
  lanes.take(0, 120, STAGE);
  assert.equal(lanes.take(10, 120, STAGE), null);
  assert.notEqual(lanes.take(10, 120, STAGE, true), null);
});

test("no line touches the one before it on its lane, however long the lines are", () => {
  const lanes = new Lanes(3);
  const flown: { at: number; width: number; lane: number; duration: number }[] = [];
  for (let at = 0; at < 60_000; at += 137) {
    const width = 40 + ((at * 7919) % 400);
    const choice = lanes.take(at, width, STAGE);
    if (choice) flown.push({ at, width, lane: choice.lane, duration: choice.durationMs });
  }
  const left = (line: (typeof flown)[number], now: number) => STAGE - ((STAGE + line.width) / line.duration) * (now - line.at);
  for (const line of flown) {
    const before = flown.filter((other) => other.lane === line.lane && other.at < line.at).at(-1);
    if (!before) continue;
    for (const now of [line.at, Math.min(before.at + before.duration, line.at + line.duration)]) {
      if (now < before.at + before.duration) assert.ok(left(before, now) + before.width <= left(line, now) + 1, `lane ${line.lane} at ${now}`);
    }
  }
  assert.ok(flown.length > 50);
});
