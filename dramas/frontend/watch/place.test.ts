import assert from "node:assert/strict";
import test from "node:test";
import { PlaceKeeper } from "./place";

function memory(entries: Record<string, string> = {}) {
  return { getItem: (key: string) => entries[key] ?? null, setItem: (key: string, value: string) => void (entries[key] = value) };
}

const kept = (at_ms: number) => JSON.stringify({ episode_id: "e2", position_ms: 4000, at_ms });

test("the place kept here counts only when it is newer than the server's", () => {
  const keeper = new PlaceKeeper("s", "/x", memory({ "place:s": kept(100_000) }));
  assert.deepEqual(keeper.newerThan(0), { episode_id: "e2", position_ms: 4000 });
  assert.equal(keeper.newerThan(99_000), null);
  assert.equal(keeper.newerThan(200_000), null);
});

test("broken or missing notes are no place", () => {
  assert.equal(new PlaceKeeper("s", "/x", memory({ "place:s": "{" })).newerThan(0), null);
  assert.equal(new PlaceKeeper("other", "/x", memory({ "place:s": kept(1e9) })).newerThan(0), null);
  assert.equal(new PlaceKeeper("s", "/x", null).newerThan(0), null);
});
