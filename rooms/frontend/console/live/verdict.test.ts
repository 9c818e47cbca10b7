import assert from "node:assert/strict";
import { test } from "node:test";
import { bitrateText, lossText, verdictOn } from "./verdict";

const good = { bitsPerS: 2_100_000, roundTripMs: 40, lostShare: 0.002, framesPerS: 30, width: 1280, height: 720, freezes: 0, bufferedMs: 0, limitedBy: "none", frozenMs: 0, decodeMs: 0, encodeMs: 6, sendMs: 1, capturedPerS: 30 };

test("the worst of a line is said first", () => {
  assert.equal(verdictOn(good), "good");
  assert.equal(verdictOn({ ...good, lostShare: 0.08, limitedBy: "cpu" }), "loss");
  assert.equal(verdictOn({ ...good, limitedBy: "cpu", roundTripMs: 500 }), "cpu");
  assert.equal(verdictOn({ ...good, limitedBy: "bandwidth", bitsPerS: 300_000 }), "narrow");
  assert.equal(verdictOn({ ...good, limitedBy: "bandwidth" }), "good", "an encoder below its ceiling is as it should be");
  assert.equal(verdictOn({ ...good, roundTripMs: 400 }), "far");
  assert.equal(verdictOn({ ...good, framesPerS: 8 }), "few_pictures");
});

test("figures as hosts read them", () => {
  assert.deepEqual([bitrateText(2_130_000), bitrateText(640_400), lossText(0.0021)], ["2.1 Mb/s", "640 kb/s", "0.2 %"]);
});
