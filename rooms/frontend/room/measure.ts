/** What is measured of a room: watching, cards and what became of them, lines and likes that were taken. */
import { effect } from "@preact/signals";
import type { ShownCard } from "../show/cards";
import { startMeasuring } from "../show/measuring";
import type { Happening } from "../show/watching";
import type { Connection } from "./connection";
import type { Acts } from "./context";
import type { Room } from "./model";
import type { Picture } from "./picture";

/** Measure this visit, and give the acts back with what is told of them. Who is not measured gets the same acts. */
export function measureRoom(room: Room, connection: Connection, picture: Picture, acts: Acts): Acts {
  const watching = startMeasuring({
    page: room.page.measure,
    surface: "room",
    now: () => connection.now(),
    stage: picture.stage,
    playhead: () => playheadOf(room),
    socket: () => connection.socket,
  });
  if (!watching) return acts;
  const note = (happening: Happening) => watching.note(happening);
  let shown = "";
  effect(() => {
    const card = room.visibleCard.value;
    if (!card || card.key === shown) return;
    shown = card.key;
    note({ k: "cue.shown", ...productOf(card) });
  });
  connection.onLikesTaken = (count) => note({ k: "like", count });
  return {
    ...acts,
    send: async (text, as) => {
      await acts.send(text, as);
      note({ k: "danmaku" });
    },
    buy: (productId, variantId, card) => {
      if (card) note({ k: "cue.clicked", ...productOf(card) });
      note({ k: "bag", product_id: productId, ...(card?.cueId && { cue_id: card.cueId }) });
      acts.buy(productId, variantId, card);
    },
    dismiss: (card) => {
      note({ k: "cue.dismissed", ...productOf(card) });
      acts.dismiss(card);
    },
  };
}

function productOf(card: ShownCard): { product_id: string; cue_id?: string } {
  return { product_id: card.productId, ...(card.cueId && { cue_id: card.cueId }) };
}

function playheadOf(room: Room) {
  const entry = room.entry.value;
  if (!entry) return null;
  return {
    programSeq: entry.seq,
    positionMs: room.positionMs.value,
    episodeId: room.episodeId.value,
    isPlaying: room.picture.value === "playing",
    isPaused: room.isPaused.value,
  };
}
