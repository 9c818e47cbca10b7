/** The picture of the second under the pointer, and what happened at it. */
import { fill } from "@merchants/design/texts";
import type { Signal } from "@preact/signals";
import { page, say } from "./page";
import type { PlotEpisode } from "./retention";
import { countsAt, tileOf, type Place } from "./story";

export function Frame({ place, episodes }: { place: Signal<Place | null>; episodes: readonly PlotEpisode[] }) {
  const at = place.value;
  if (!at) return <p class="t-13 t-quiet">{say("hover")}</p>;
  const episode = episodes.find((one) => one.number === at.episode);
  const counts = countsAt(at, page.seconds);
  const stills = episode?.storyboard;
  return (
    <>
      <b class="mono">{fill(say("place"), { ...at })}</b>
      {stills ? <Still stills={stills} second={at.second} /> : episode?.poster_url ? <img class="still" src={episode.poster_url} alt="" /> : <p class="t-13 t-quiet">{say("no_picture")}</p>}
      <p>{say("watching")}: <b>{counts.watching}</b></p>
      {counts.left > 0 && <p>{fill(say("left_here"), counts)}</p>}
    </>
  );
}

function Still({ stills, second }: { stills: NonNullable<PlotEpisode["storyboard"]>; second: number }) {
  const tile = tileOf(stills, second);
  const style = { width: `${stills.tile_width}px`, height: `${stills.tile_height}px`, backgroundImage: `url("${stills.image_url}")`, backgroundPosition: `-${tile.left}px -${tile.top}px` };
  return <div class="still" style={style} />;
}
