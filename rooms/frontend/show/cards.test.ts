import assert from "node:assert/strict";
import { test } from "node:test";
import { shownCard, stockOf } from "./cards";
import { beginShow, type Show } from "./show";
import type { CueView, Entry, ProductView } from "./wire";

const entry: Entry = { seq: 3, airing_id: "a", source: { kind: "episode", id: "e", number: 1, of: 1, title: "" }, started_at_ms: 10_000, offset_ms: 0, rate: 1, duration_ms: 60_000 };
const cue = (id: string, atMs: number): CueView => ({ id, kind: "card", at_ms: atMs, duration_ms: 5_000, payload: {}, product_id: `product of ${id}` });
const bare = beginShow({ entries: [entry], lowered_cues: [], cards: [], revision: 0 } as unknown as Show);

test("a cue's card is up from its frame to its end", () => {
  const cues = [cue("one", 2_000)];
  assert.equal(shownCard(bare, entry, cues, 11_999), null);
  assert.equal(shownCard(bare, entry, cues, 12_000)?.productId, "product of one");
  assert.equal(shownCard(bare, entry, cues, 16_999)?.untilMs, 17_000);
  assert.equal(shownCard(bare, entry, cues, 17_000), null);
});

test("the newer of two cues wins", () => {
  assert.equal(shownCard(bare, entry, [cue("one", 2_000), cue("two", 4_000)], 14_500)?.cueId, "two");
});

test("a cue that the host took down stays down in this entry only", () => {
  const lowered: Show = { ...bare, lowered: new Set(["3:one"]) };
  assert.equal(shownCard(lowered, entry, [cue("one", 2_000)], 13_000), null);
  assert.equal(shownCard(lowered, { ...entry, seq: 4 }, [cue("one", 2_000)], 13_000)?.cueId, "one");
});

test("what the host raised wins over the cues, until it expires", () => {
  const raised: Show = { ...bare, cards: [{ id: "c", product_id: "by hand", cue_id: null, raised_at_ms: 12_500, expires_at_ms: 13_500, program_seq: 3, position_ms: 0 }] };
  const cues = [cue("one", 2_000)];
  assert.equal(shownCard(raised, entry, cues, 13_000)?.productId, "by hand");
  assert.equal(shownCard(raised, entry, cues, 13_500)?.productId, "product of one");
});

test("a raised card comes and goes with the picture on which it was raised", () => {
  const raised: Show = { ...bare, cards: [{ id: "c", product_id: "by hand", cue_id: null, raised_at_ms: 12_500, expires_at_ms: 13_500, program_seq: 3, position_ms: 0 }] };
  assert.equal(shownCard(raised, entry, [], 13_699, 1_200), null);
  assert.equal(shownCard(raised, entry, [], 13_700, 1_200)?.untilMs, 14_700);
  assert.equal(shownCard(raised, entry, [], 14_700, 1_200), null);
});

test("no card during a slate", () => {
  assert.equal(shownCard(bare, { ...entry, source: { ...entry.source, kind: "slate" } }, [cue("one", 2_000)], 13_000), null);
});

test("the ring shows what is left of all variants; goods without stock are never short", () => {
  const variant = (available: number, total: number, isLimited = true) => ({ id: "v", title: "", price: { amount_minor: 1, currency: "USD", text: "" }, available, stock_total: total, is_limited: isLimited });
  const product = (...variants: ProductView["variants"]): ProductView => ({ id: "p", slug: "", title: "", subtitle: "", image_url: "", badge: "", is_published: true, variants, as_of_ms: 0 });
  assert.deepEqual(stockOf(product(variant(3, 10), variant(2, 10))), { left: 5, total: 20, share: 0.25, isLimited: true });
  assert.equal(stockOf(product(variant(99, 99, false))).share, 1);
  assert.equal(stockOf(product(variant(0, 0))).share, 0);
});
