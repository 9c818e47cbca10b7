import assert from "node:assert/strict";
import { test } from "node:test";
import type { Playback } from "../show/page";
import type { Entry, Snapshot } from "../show/wire";
import { sceneOf } from "./scene";

const entry = (kind: Entry["source"]["kind"]): Entry => ({ seq: 1, airing_id: "a", source: { kind, id: "e", number: 1, of: 1, title: "" }, started_at_ms: 0, offset_ms: 0, rate: 1, duration_ms: null });
const show = (state: Snapshot["state"]) => ({ state }) as Snapshot;
const playback = (isLocked: boolean, id = "e") => ({ episode_id: id, is_locked: isLocked }) as Playback;

test("each state of the room has its scene", () => {
  assert.equal(sceneOf(show("scheduled"), null, null), "scheduled");
  assert.equal(sceneOf(show("drama"), entry("episode"), playback(false)), "drama");
  assert.equal(sceneOf(show("drama"), entry("episode"), null), "drama");
  assert.equal(sceneOf(show("drama"), entry("episode"), playback(true)), "teaser");
  assert.equal(sceneOf(show("drama"), entry("episode"), playback(true, "another")), "drama");
  assert.equal(sceneOf(show("live"), entry("live"), null), "live");
  assert.equal(sceneOf(show("live"), entry("episode"), playback(false)), "drama", "the cut is announced, and not made yet");
  assert.equal(sceneOf(show("waiting"), entry("slate"), null), "slate");
  assert.equal(sceneOf(show("waiting"), entry("waiting"), null), "waiting");
  assert.equal(sceneOf(show("drama"), null, null), "waiting");
  assert.equal(sceneOf(show("fault"), entry("episode"), null), "fault");
  assert.equal(sceneOf(show("ended"), entry("slate"), null), "ended");
  assert.equal(sceneOf(show("replay"), null, null), "ended");
});
