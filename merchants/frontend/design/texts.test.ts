import assert from "node:assert/strict";
import { test } from "node:test";
import { fill } from "./texts";

test("places are filled, and one without a value stays visible", () => {
  assert.equal(fill("%(name)s bought %(count)d of %(what)s", { name: "Iris", count: 2 }), "Iris bought 2 of %(what)s");
  assert.equal(fill("100 %"), "100 %");
});
