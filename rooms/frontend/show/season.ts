/** A season's card as playbacks arrive: an episode that was unlocked, finished or added since the page was written. Pure. */
import type { EpisodeCard, Playback, SeasonCard } from "./page";

/** The season with what `playback` says of its episode; an episode that the page did not know yet takes its place. */
export function withEpisode(season: SeasonCard, playback: Playback): SeasonCard {
  const known = season.episodes.find((episode) => episode.id === playback.episode_id);
  const episode: EpisodeCard = {
    ...(known ?? { id: playback.episode_id, synopsis: "", access: playback.grants ? "paid" : "free" }),
    number: playback.number,
    title: playback.title,
    duration_ms: playback.duration_ms,
    poster_url: playback.poster_url,
    is_playable: playback.duration_ms > 0,
    is_open: !playback.is_locked,
    price_text: playback.unlock?.price.text ?? "",
  };
  const others = season.episodes.filter((other) => other.id !== episode.id);
  return { ...season, episodes: [...others, episode].sort((one, other) => one.number - other.number) };
}
