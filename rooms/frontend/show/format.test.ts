import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, compactCount, dayAndTime, secondsText, timecode } from "./format";

test("times of a show", () => {
  assert.equal(clockText(133_999), "2:13");
  assert.equal(clockText(3_725_000), "1:02:05");
  assert.equal(clockText(-1), "0:00");
  assert.equal(timecode(133_400), "2:13.400");
});

test("a delay in tenths of a second, never none", () => {
  assert.deepEqual([380, 12, 1_960].map((ms) => secondsText(ms, "en")), ["0.4", "0.1", "2.0"]);
});

test("counts as the reader's language writes them", () => {
  assert.equal(compactCount(12_400, "en"), "12.4K");
  assert.equal(compactCount(12_400, "zh-hans"), "1.2万");
});

test("of today only the hour, in words", () => {
  const noon = new Date(2026, 10, 22, 12, 0).getTime();
  assert.equal(dayAndTime(noon, noon, "en", "%(hour)s today"), "12:00 today");
  assert.match(dayAndTime(noon + 86_400_000, noon, "en"), /^\w{3} 12:00$/);
  assert.match(dayAndTime(noon - 20 * 86_400_000, noon, "en"), /12:00$/);
});
