/** Tells the server once that the viewer has met an experiment: when the difference is really on their screen. */
import { effect, signal, untracked } from "@preact/signals";
import { ApiError, callApi } from "@merchants/design/api";
import { metByPicture } from "../show/arms";
import { metBy } from "../show/variations";
import type { Room } from "./model";
import { SHOWING } from "./model";

/** `hasLadder`: whether the player chooses the renditions of what it shows now. */
export function tellExposures(room: Room, hasLadder: () => boolean): void {
  const told = new Set<string>();
  const { variations, urls } = room.page;
  if (variations.length === 0) return;
  const isVisible = signal(!document.hidden);
  document.addEventListener("visibilitychange", () => (isVisible.value = !document.hidden));
  effect(() => {
    const met = isVisible.value ? [...room.met.value, ...metNow()] : [];
    untracked(() => met.filter((id) => !told.has(id)).forEach((id) => void tell(id)));
  });

  function metNow(): string[] {
    if (room.picture.value !== "playing" || !SHOWING.has(room.scene.value)) return [];
    const played = room.playback.value?.is_locked ? [] : metBy(room.episodeId.value, variations);
    return hasLadder() ? [...played, ...metByPicture(variations)] : played;
  }

  async function tell(experimentId: string): Promise<void> {
    told.add(experimentId);
    try {
      await callApi(urls.exposures, { body: { experiment_id: experimentId } });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      told.delete(experimentId); // the next scene tries again
    }
  }
}
