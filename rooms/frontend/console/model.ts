/** The console's own signals, beside those of the room. */
import { computed, signal } from "@preact/signals";
import { createRoom } from "../room/model";
import { interruptedBy, placeToReturnTo } from "../show/program";
import { programOf } from "../show/show";
import type { Ghosts } from "../show/wire";
import type { ConsolePage, ConsoleState } from "./state";

/** One value a second, the newest last. */
export interface Gauges {
  viewers: number[];
  danmaku: number[];
  likes: number[];
  comments: number[];
}

export const GAUGE_LENGTH = 180;

export function createConsole(page: ConsolePage) {
  const room = createRoom(page);
  const state = signal<ConsoleState>(page.console);
  const chosenId = signal<string | null>(null);
  const isHostChosen = signal(false);
  const interrupted = computed(() => interruptedBy(room.entry.value, programOf(room.show.value)));
  /** Where `return` leads. */
  const placeToReturn = computed(() => {
    const episodes = state.value.episodes.map((slot) => ({ id: slot.episode_id, number: slot.number }));
    return placeToReturnTo(interrupted.value, episodes);
  });
  const isLive = computed(() => room.entry.value?.source.kind === "live");
  const slots = computed(() => state.value.episodes);
  const onAirId = room.episodeId;
  const nextSlot = computed(() => {
    const all = slots.value;
    const hereId = onAirId.value ?? room.entry.value?.source.id ?? interrupted.value?.id;
    const here = all.findIndex((slot) => slot.episode_id === hereId);
    return all[here + 1] ?? (room.show.value.is_looping ? (all[0] ?? null) : null);
  });
  const returnId = computed(() => (isLive.value && state.value.moves.return ? (placeToReturn.value?.id ?? null) : null));
  return {
    page,
    room,
    state,
    /** The episode in the preview: what was chosen, else the one that the host cut into, else what comes next. */
    preview: computed(() => slots.value.find((slot) => slot.episode_id === (chosenId.value ?? returnId.value)) ?? nextSlot.value),
    /** Taking the preview means going back to where the episode stood. */
    isReturning: computed(() => chosenId.value === null && !isHostChosen.value && returnId.value !== null),
    isLive,
    chosenId,
    /** The host's line stands in the preview instead of an episode. */
    isHostChosen,
    /** Put an episode into the preview; null for what comes next. */
    choose: (episodeId: string | null): void => {
      chosenId.value = episodeId;
      isHostChosen.value = false;
    },
    placeToReturn,
    slots,
    nextSlot,
    busy: signal(""),
    message: signal<{ text: string; isError: boolean } | null>(null),
    rttMs: signal<number | null>(null),
    /** What the ghosts of a rehearsal have done, as the director tells it. */
    ghosts: signal<Ghosts | null>(null),
    gauges: signal<Gauges>({ viewers: [page.online], danmaku: [0], likes: [0], comments: [0] }),
    t: room.t,
  };
}

export type Console = ReturnType<typeof createConsole>;
