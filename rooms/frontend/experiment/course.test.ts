import assert from "node:assert/strict";
import { test } from "node:test";
import { bandOf, courseOption, percentText, spotText, type CoursePoint } from "./course";

const points: CoursePoint[] = [
  { at_ms: 1, lift: null, low: null, high: null },
  { at_ms: 2, lift: 0.1, low: -0.4, high: 0.6 },
  { at_ms: 3, lift: 0.08, low: 0.02, high: 0.14 },
];
const near = (spots: readonly (readonly [number, number])[]) => spots.map(([at, percent]) => [at, Math.round(percent * 1e6) / 1e6]);

test("the band begins where something could be said, in per cent, lower edge and width", () => {
  const band = bandOf(points);
  assert.deepEqual(near(band.low), [[2, -40], [3, 2]]);
  assert.deepEqual(near(band.width), [[2, 100], [3, 12]]);
  assert.deepEqual(near(band.lift), [[2, 10], [3, 8]]);
});

test("a moment says estimate and interval", () => {
  assert.equal(spotText(bandOf(points), 0), "+10.0 % (−40.0 % … +60.0 %)");
  assert.equal(percentText(0), "0.0 %");
});

test("edges are stacked whatever their sign, and no difference is a line", () => {
  const option = courseOption(points, { interval: "I", lift: "L", none: "N" }, "#000") as { series: { stackStrategy?: string; markLine?: { data: unknown } }[] };
  assert.deepEqual(option.series.map((one) => one.stackStrategy), ["all", "all", undefined]);
  assert.deepEqual(option.series[2]?.markLine?.data, [{ yAxis: 0 }]);
});
