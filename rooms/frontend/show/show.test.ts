import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, beginShow, programOf, type Show } from "./show";
import type { CommentView, Entry, Message, ProductView, RaisedCardView, Snapshot } from "./wire";

const VIEWER = "me";

const snapshot: Snapshot = {
  k: "snapshot", server_ms: 0, room_id: "r", slug: "s", title: "t", host_name: "", host_avatar_url: "", season_id: null, scheduled_at_ms: null,
  is_looping: false, revision: 5, state: "drama", state_at_ms: 0, airing_id: "a", undo: null, entries: [], cards: [], lowered_cues: [],
  bag_revision: 5, bag: [], pinned_product_id: null, products: [], comments: [], pin_revision: 5, pin: null, slow_mode_s: 0, rules_revision: 5,
  muted_until_ms: 0, likes_total: 0, guests_revision: 5, guests: [], guests_waiting: 0, own_stage_revision: 5, own_stage: null,
};

const entry = (seq: number, airing = "a"): Entry => ({
  seq, airing_id: airing, source: { kind: "episode", id: "e", number: 1, of: 1, title: "" }, started_at_ms: seq * 1000, offset_ms: 0, rate: 1, duration_ms: 9000,
});
const product = (asOfMs: number, title = "p"): ProductView => ({ id: "p", slug: "p", title, subtitle: "", image_url: "", badge: "", is_published: true, variants: [], as_of_ms: asOfMs });
const card = (id: string, expires: number): RaisedCardView => ({ id, product_id: "p", cue_id: null, raised_at_ms: 1, expires_at_ms: expires, program_seq: 1, position_ms: 0 });
const comment = (id: string, author = "x"): CommentView => ({ id, kind: "comment", author, nickname: "n", role: "", text: "t", at_ms: 0, program_seq: 1, position_ms: 0 });
const after = (...messages: Message[]): Show => messages.reduce<Show>((show, message) => apply(show, message, VIEWER), beginShow(snapshot));

test("a message that is already in the snapshot changes nothing", () => {
  const show = after(
    { k: "state", revision: 5, state: "ended", at_ms: 1, airing_id: "b", undo: null },
    { k: "bag", revision: 5, product_ids: ["old"], pinned_id: null, products: [] },
    { k: "pin", revision: 4, comment: comment("1") },
    { k: "rules", revision: 5, slow_mode_s: 9 },
  );
  assert.deepEqual([show.state, show.bag, show.pin, show.slow_mode_s], ["drama", [], null, 0]);
});

test("messages twice are as good as once", () => {
  const messages: Message[] = [
    { k: "program", entry: entry(2) },
    { k: "card", card: card("c", 10), product: product(1) },
    { k: "comment", comment: comment("2") },
  ];
  assert.deepEqual(after(...messages, ...messages), after(...messages));
});

test("entries of a former show are void", () => {
  assert.deepEqual(programOf(after({ k: "program", entry: entry(1, "former") }, { k: "program", entry: entry(2) })).map((one) => one.seq), [2]);
});

test("a card that was lowered never comes back, whatever the order of the messages", () => {
  const raise: Message = { k: "card", card: card("c", 10), product: product(1) };
  assert.deepEqual(after({ k: "card.lower", card_id: "c", cue_id: null, program_seq: 0 }, raise).cards, []);
  assert.deepEqual(after(raise, { k: "card.lower", card_id: "c", cue_id: null, program_seq: 0 }, raise).cards, []);
});

test("of two prices the later one holds", () => {
  const show = after({ k: "product", product: product(7, "new") }, { k: "product", product: product(3, "old") });
  assert.equal(show.products[0]?.title, "new");
});

test("comments stand in the order of their ids, and a deleted one stays away", () => {
  const show = after({ k: "comment", comment: comment("3") }, { k: "comment", comment: comment("1") }, { k: "comment.deleted", of: "comment", id: "2" }, { k: "comment", comment: comment("2") });
  assert.deepEqual(show.comments.map((one) => one.id), ["1", "3"]);
});

test("a mute concerns the one who is muted", () => {
  assert.equal(after({ k: "mute", author: "other", until_ms: 99, revision: 9 }).muted_until_ms, 0);
  assert.equal(after({ k: "mute", author: VIEWER, until_ms: 99, revision: 9 }).muted_until_ms, 99);
  assert.equal(after({ k: "mute", author: VIEWER, until_ms: 99, revision: 9 }, { k: "mute", author: VIEWER, until_ms: 0, revision: 10 }).muted_until_ms, 0);
});

test("who is on stage, and how one stands oneself, follow the greater revision", () => {
  const ann = { id: "g", nickname: "Ann", place: 1, has_picture: true, is_muted: false, is_gone: false };
  const own = { guest_id: "g", standing: "on_stage", has_picture: true, is_muted: false } as const;
  const show = after(
    { k: "guests", revision: 7, guests: [ann], waiting: 2 },
    { k: "guests", revision: 6, guests: [], waiting: 0 },
    { k: "stage.mine", room_id: "r", revision: 7, own, ending: "" },
    { k: "stage.mine", room_id: "r", revision: 7, own: null, ending: "removed" },
    { k: "stage.mine", room_id: "another", revision: 99, own: null, ending: "removed" },
  );
  assert.deepEqual([show.guests, show.guests_waiting, show.own_stage], [[ann], 2, own]);
});
