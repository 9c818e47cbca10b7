import assert from "node:assert/strict";
import test from "node:test";
import { findLanguage } from "./captions";

test("the exact language wins, then its family", () => {
  assert.equal(findLanguage(["en", "zh", "zh-Hans"], "zh-hans"), "zh-Hans");
  assert.equal(findLanguage(["en", "zh-Hans"], "zh"), "zh-Hans");
  assert.equal(findLanguage(["en", "zh"], "zh-hant"), "zh");
  assert.equal(findLanguage(["en"], "de"), null);
  assert.equal(findLanguage(["en"], ""), null);
});
