/** The room page's state in signals. Components read it; `connection`, `picture` and `actions` write it. */
import { computed, signal } from "@preact/signals";
import { fill } from "@merchants/design/texts";
import type { WatchState } from "@realtime/rtc/watching";
import { type ShownCard, shownCard } from "../show/cards";
import type { Playback, RoomPage } from "../show/page";
import { entryAfter, entryOnAir, positionOf } from "../show/program";
import { withEpisode } from "../show/season";
import { beginShow, programOf, type Show } from "../show/show";
import { varied } from "../show/variations";
import type { CommentView, Danmaku, GhostLine } from "../show/wire";
import { OwnOrders } from "./orders";
import { sceneOf, type Scene } from "./scene";
import type { Reason, Tier } from "./tiers";

export type SheetName = "bag" | "episodes" | "settings" | "product" | "checkout" | "share" | "stage";
export type PictureState = "loading" | "playing" | "weak" | "failed";
export type Connection = "connecting" | "open" | "lost";

/** A line of the wide screen's chat: a comment, a danmaku or a line of the system. */
export type ChatLine = CommentView & { isDanmaku?: boolean; isGhost?: boolean };

export interface Buying {
  productId: string;
  variantId: string;
  card: ShownCard | null;
}

const CHAT_LINES = 200;
/** What belongs to the host's picture waits for it, but no longer than this. */
const MOST_LATE_MS = 3_000;
/** Scenes that are nothing without their picture. */
export const SHOWING: ReadonlySet<Scene> = new Set<Scene>(["drama", "teaser", "live"]);

/** The state of one room page. `nowMs` is moved by the ticker; everything that depends on time is computed from it. */
export function createRoom(page: RoomPage) {
  const show = signal<Show>(beginShow(page.snapshot));
  const nowMs = signal(page.server_ms);
  const season = signal(page.season);
  const mine = (playback: Playback): Playback => varied(playback, page.variations);
  const playbacks = signal<Readonly<Record<string, Playback>>>(page.playback ? { [page.playback.episode_id]: mine(page.playback) } : {});
  const lines = signal<readonly ChatLine[]>(page.snapshot.comments);
  const met = signal<ReadonlySet<string>>(new Set());
  const closedCards = signal<ReadonlySet<string>>(new Set());

  const entry = computed(() => entryOnAir(programOf(show.value), nowMs.value));
  const episodeId = computed(() => (entry.value?.source.kind === "episode" ? entry.value.source.id : null));
  const playback = computed(() => (episodeId.value ? (playbacks.value[episodeId.value] ?? null) : null));
  const lagMs = signal<number | null>(null);
  const lateMs = computed(() => (entry.value?.source.kind === "live" ? Math.min(lagMs.value ?? 0, MOST_LATE_MS) : 0));
  const card = computed(() => shownCard(show.value, entry.value, playback.value?.cues ?? [], nowMs.value, lateMs.value));

  const addLine = (line: ChatLine): void => {
    if (!lines.value.some((other) => other.id === line.id)) lines.value = [...lines.value, line].slice(-CHAT_LINES);
  };

  const scene = computed(() => sceneOf(show.value, entry.value, playback.value));
  const picture = signal<PictureState>("loading");

  return {
    page,
    show,
    nowMs,
    season,
    playbacks,
    lines,
    closedCards,
    /** Experiments whose difference was drawn. */
    met,
    entry,
    episodeId,
    playback,
    card,
    addLine,
    nickname: signal(page.viewer.nickname),
    online: signal(page.online),
    likes: signal(page.snapshot.likes_total),
    connection: signal<Connection>("connecting"),
    picture,
    retryAtMs: signal(0),
    /** Of the host's line, while it is watched; and how far this picture is behind the host, null while nobody knows. */
    line: signal<WatchState>("off"),
    lagMs,
    /** So much later what the host does beside the picture is shown here: with the picture on which it was done. */
    lateMs,
    /** How the host's line comes, and why not directly. */
    tier: signal<{ tier: Tier; reason: Reason }>({ tier: "webrtc", reason: "" }),
    isMuted: signal(true),
    isPaused: signal(false),
    sheet: signal<SheetName | null>(null),
    buying: signal<Buying | null>(null),
    orders: new OwnOrders(page.urls.orders, page.texts["network"] ?? ""),
    toast: signal(""),
    /** What is being written; it outlives a turn of the phone. */
    draft: { text: signal(""), as: signal<"danmaku" | "comment">("danmaku") },

    nextEntry: computed(() => entryAfter(programOf(show.value), nowMs.value)),
    episode: computed(() => season.value?.episodes.find((one) => one.id === episodeId.value) ?? null),
    positionMs: computed(() => (entry.value ? positionOf(entry.value, nowMs.value) : 0)),
    scene,
    /** An episode or the host should be seen and the picture does not arrive. */
    isPictureGone: computed(() => picture.value === "failed" && SHOWING.has(scene.value)),
    visibleCard: computed(() => (card.value && !closedCards.value.has(card.value.key) ? card.value : null)),
    isMutedByHost: computed(() => show.value.muted_until_ms > nowMs.value),

    /** A text in the page's language, with its places filled. */
    t: (key: string, values: Readonly<Record<string, string | number>> = {}): string => fill(page.texts[key] ?? key, values),
    product: (id: string) => show.value.products.find((one) => one.id === id) ?? null,
    addDanmaku: (message: Danmaku): void => addLine({ ...message, kind: "comment", at_ms: nowMs.value, isDanmaku: true }),
    /** A line of a rehearsal: of no viewer, and kept nowhere. */
    addGhost: (ghost: GhostLine, nickname: string): void =>
      addLine({
        id: ghost.id, kind: "comment", author: "", nickname, role: "", text: ghost.text, at_ms: nowMs.value, program_seq: 0, position_ms: ghost.position_ms,
        isDanmaku: true, isGhost: true,
      }),
    removeLine: (id: string): void => {
      lines.value = lines.value.filter((line) => line.id !== id);
    },
    removeAuthor: (author: string): void => {
      lines.value = lines.value.filter((line) => line.author !== author || line.kind !== "comment");
    },
    /** Keep a playback with this viewer's cues, and give it back; what was known of other episodes stays. */
    setPlayback: (found: Playback): Playback => {
      const kept = mine(found);
      playbacks.value = { ...playbacks.value, [kept.episode_id]: kept };
      if (season.value?.id === kept.season_id) season.value = withEpisode(season.value, kept);
      return kept;
    },
    /** Experiments whose variants differ in what is drawn now. */
    meet: (ids: readonly string[]): void => {
      if (ids.some((id) => !met.value.has(id))) met.value = new Set([...met.value, ...ids]);
    },
    closeCard: (key: string): void => {
      closedCards.value = new Set([...closedCards.value, key]);
    },
  };
}

export type Room = ReturnType<typeof createRoom>;
