/** The replay page's state in signals. */
import { fill } from "@merchants/design/texts";
import { computed, signal } from "@preact/signals";
import type { Playback } from "../show/page";
import type { Moment, ReplayPage, Stretch } from "./state";
import { momentAt, placeAt } from "./timeline";

export type PictureState = "loading" | "playing" | "weak" | "failed";

export function createReplay(page: ReplayPage) {
  const atMs = signal(0);
  const playbacks = signal<Readonly<Record<string, Playback>>>(page.playback ? { [page.playback.episode_id]: page.playback } : {});
  const stretch = signal<Stretch | null>(page.stretches[0] ?? null);
  const closed = signal<ReadonlySet<string>>(new Set());
  const moment = computed(() => momentAt(page.moments, atMs.value));
  const products = signal(page.products);
  return {
    page,
    atMs,
    playbacks,
    stretch,
    moment,
    products,
    picture: signal<PictureState>("loading"),
    retryAtMs: signal(0),
    isPlaying: signal(false),
    isMuted: signal(true),
    sheet: signal<"product" | "checkout" | "settings" | "share" | null>(null),
    buying: signal<{ productId: string; variantId: string; moment: Moment | null } | null>(null),
    toast: signal(""),
    playback: computed(() => (stretch.value?.episode_id ? (playbacks.value[stretch.value.episode_id] ?? null) : null)),
    isLivePart: computed(() => Boolean(stretch.value?.recording_id)),
    episode: computed(() => page.season?.episodes.find((one) => one.id === stretch.value?.episode_id) ?? null),
    visibleMoment: computed(() => (moment.value && !closed.value.has(moment.value.key) ? moment.value : null)),
    t: (key: string, values: Readonly<Record<string, string | number>> = {}): string => fill(page.texts[key] ?? key, values),
    product: (id: string) => products.value.find((one) => one.id === id) ?? null,
    place: (ms: number) => placeAt(page.stretches, ms),
    close: (key: string): void => {
      closed.value = new Set([...closed.value, key]);
    },
    setPlayback: (found: Playback): void => {
      playbacks.value = { ...playbacks.value, [found.episode_id]: found };
    },
  };
}

export type Replay = ReturnType<typeof createReplay>;
