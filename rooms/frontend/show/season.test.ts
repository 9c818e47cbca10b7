import assert from "node:assert/strict";
import { test } from "node:test";
import type { EpisodeCard, Playback, SeasonCard } from "./page";
import { withEpisode } from "./season";

const card = (number: number, isOpen: boolean): EpisodeCard => ({
  id: `e${number}`, number, title: `Part ${number}`, synopsis: "s", duration_ms: 1000, poster_url: "", is_playable: true, access: isOpen ? "free" : "paid", is_open: isOpen, price_text: isOpen ? "" : "$1.99",
});
const season: SeasonCard = { id: "s", slug: "s", title: "S", synopsis: "", url: "/", episodes: [card(1, true), card(2, false)] };
const playback = (number: number, isLocked: boolean) =>
  ({ episode_id: `e${number}`, season_id: "s", number, title: `Part ${number}`, duration_ms: 2000, poster_url: "p", grants: "episode:x", is_locked: isLocked, unlock: null }) as unknown as Playback;

test("an episode that was paid is open in the list", () => {
  const [, second] = withEpisode(season, playback(2, false)).episodes;
  assert.equal(second?.is_open, true);
  assert.equal(second?.price_text, "");
  assert.equal(second?.synopsis, "s");
});

test("an episode that was added during the show takes its place", () => {
  const shown = withEpisode({ ...season, episodes: [card(1, true), card(3, true)] }, playback(2, true));
  assert.deepEqual(shown.episodes.map((episode) => episode.number), [1, 2, 3]);
  assert.equal(shown.episodes[1]?.is_open, false);
});
