import assert from "node:assert/strict";
import test from "node:test";
import { frameMs } from "./state";
import { formatLength, formatTimecode, parseTimecode } from "./timecode";

test("a time survives writing and reading", () => {
  for (const ms of [0, 1, 59_999, 60_000, 133_400]) assert.equal(parseTimecode(formatTimecode(ms)), ms);
});

test("times are read as people write them", () => {
  assert.equal(parseTimecode("2:13,4"), 133_400);
  assert.equal(parseTimecode("13"), 13_000);
  for (const text of ["", "1:60", "x", "1:00.1234", "-1"]) assert.equal(parseTimecode(text), null);
});

test("rulers show minutes and seconds", () => assert.equal(formatLength(59_600), "1:00"));

test("a frame lasts what its rate says", () => {
  assert.equal(frameMs("25"), 40);
  assert.equal(Math.round(frameMs("30000/1001") * 1000), 33_367);
  assert.equal(frameMs(""), 40);
});
