import assert from "node:assert/strict";
import test from "node:test";
import { moved } from "./reorder";

test("an item goes where it is dropped, forwards and back", () => {
  assert.deepEqual(moved(["a", "b", "c", "d"], 0, 2), ["b", "c", "a", "d"]);
  assert.deepEqual(moved(["a", "b", "c", "d"], 3, 0), ["d", "a", "b", "c"]);
  assert.deepEqual(moved(["a"], 0, 0), ["a"]);
});
