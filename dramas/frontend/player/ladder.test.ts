import assert from "node:assert/strict";
import { test } from "node:test";
import { limitsOf } from "./ladder";

const standing = [360, 480, 720, 1080].map((width) => ({ width, height: (width * 16) / 9 }));

test("without an experiment everything may be chosen, and the player begins as it likes", () => {
  assert.deepEqual(limitsOf(standing, { start: null, top: null }), { kept: 4, first: null });
});

test("lines are those of the short side, also of standing pictures", () => {
  assert.deepEqual(limitsOf(standing, { start: 480, top: 720 }), { kept: 3, first: 1 });
  assert.deepEqual(limitsOf(standing.map(({ width, height }) => ({ width: height, height: width })), { start: 720, top: null }), { kept: 4, first: 2 });
});

test("the first one never lies above the best one, and the smallest one stays whatever is asked", () => {
  assert.deepEqual(limitsOf(standing.slice(2), { start: 360, top: 360 }), { kept: 1, first: 0 });
  assert.deepEqual(limitsOf(standing, { start: 1080, top: 480 }), { kept: 2, first: 1 });
});
