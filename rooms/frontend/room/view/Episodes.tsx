/** The season's episodes: what was on, what is on, what comes, what must be unlocked. */
import { Icon, type IconName } from "@merchants/design/icons";
import { Sheet } from "@merchants/design/sheet";
import { clockText } from "../../show/format";
import type { EpisodeCard } from "../../show/page";
import { useRoom } from "../context";

interface Standing {
  icon: IconName;
  text: string;
  isNow: boolean;
}

export function EpisodeList() {
  const { room } = useRoom();
  return (
    <ol class="episodes">
      {room.season.value?.episodes.map((episode) => <EpisodeRow key={episode.id} episode={episode} />)}
    </ol>
  );
}

function EpisodeRow({ episode }: { episode: EpisodeCard }) {
  const standing = useStanding(episode);
  return (
    <li class={`episode${standing.isNow ? " is-now" : ""}`} aria-current={standing.isNow ? "true" : undefined}>
      <span class="episode-poster">{episode.poster_url && <img src={episode.poster_url} alt="" width={40} height={54} loading="lazy" />}</span>
      <span class="episode-text">
        <span class="t-15 clip">{episode.number}. {episode.title}</span>
        <span class="episode-standing t-13"><Icon name={standing.icon} size={15} />{standing.text}</span>
      </span>
      {episode.duration_ms > 0 && <span class="t-13 t-quiet">{clockText(episode.duration_ms)}</span>}
    </li>
  );
}

function useStanding(episode: EpisodeCard): Standing {
  const { room } = useRoom();
  const number = room.entry.value?.source.number ?? 0;
  const isNow = room.episodeId.value === episode.id && room.scene.value !== "ended";
  if (isNow) return { icon: "play", text: room.t("playing_now"), isNow };
  if (!episode.is_open) return { icon: "lock", text: episode.price_text ? room.t("locked_price", { price: episode.price_text }) : room.t("locked"), isNow };
  if (!episode.is_playable) return { icon: "clock", text: room.t("being_prepared"), isNow };
  if (number && episode.number === number + 1) return { icon: "next", text: room.t("next"), isNow };
  if (number > episode.number) return { icon: "check", text: room.t("aired"), isNow };
  return { icon: "film", text: episode.access === "free" ? room.t("free") : room.t("unlocked"), isNow };
}

export function EpisodesSheet() {
  const { room, acts } = useRoom();
  const season = room.season.value;
  return (
    <Sheet title={season?.title ?? room.t("episodes")} closeLabel={room.t("close")} onClose={acts.closeSheet} height="full">
      {season?.synopsis && <p class="t-quiet sheet-lead">{season.synopsis}</p>}
      <EpisodeList />
      {season && <a class="button is-line is-wide sheet-link" href={season.url}>{room.t("watch_alone")}</a>}
    </Sheet>
  );
}
