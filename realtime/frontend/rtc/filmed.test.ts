import assert from "node:assert/strict";
import { test } from "node:test";
import { FilmMeter } from "./filmed";

const shown = (frames: number, at: number) => ({
  videoWidth: 720,
  videoHeight: 1280,
  currentTime: at,
  buffered: { length: 1, start: () => 0, end: () => at + 1.2 },
  getVideoPlaybackQuality: () => ({ totalVideoFrames: frames }) as VideoPlaybackQuality,
});

test("a film's pictures a second, what it holds back, and how long it stood", () => {
  const meter = new FilmMeter();
  assert.equal(meter.read(shown(100, 3), 0, 1_000).framesPerS, 0, "nothing can be said of one moment");
  const second = meter.read(shown(129, 4), 10, 2_000);
  assert.deepEqual([second.framesPerS, Math.round(second.bufferedMs), second.freezes, second.width], [29, 1200, 0, 720]);
  meter.read(shown(135, 4.2), 700, 3_000);
  const fourth = meter.read(shown(135, 4.2), 1_700, 4_000);
  assert.deepEqual([fourth.freezes, fourth.frozenMs, fourth.framesPerS], [1, 1_700, 0]);
  assert.equal(meter.read(shown(160, 5), 20, 5_000).frozenMs, 1_700);
});
