/** What a viewer can do in the room, in one place for touch, mouse and keyboard. */
import type { ShownCard } from "../show/cards";
import { prefer, preferences } from "../show/preferences";
import type { Connection } from "./connection";
import type { Acts } from "./context";
import type { Hearts } from "../show/hearts";
import type { Room } from "./model";
import type { Picture } from "./picture";

const LIKE_BATCH_MS = 1_000;
const MAX_LIKES_A_BATCH = 30;
const TOAST_MS = 3_500;

export function makeActs(room: Room, connection: Connection, picture: Picture, hearts: Hearts): Acts {
  const likes = new LikeBatch(room, connection);
  const toast = makeToast(room);
  return {
    send: (text, as) => connection.send(text, as),
    like: () => {
      hearts.rise(1);
      likes.add();
    },
    open: (sheet) => {
      room.sheet.value = sheet;
    },
    closeSheet: () => {
      room.sheet.value = null;
      room.buying.value = null;
    },
    showProduct: (productId) => {
      room.buying.value = { productId, variantId: "", card: null };
      room.sheet.value = "product";
    },
    buy: (productId: string, variantId: string, card: ShownCard | null) => {
      room.buying.value = { productId, variantId, card };
      room.sheet.value = "checkout";
    },
    dismiss: (card) => room.closeCard(card.key),
    share: () => void share(room, toast),
    togglePause: () => (room.isPaused.value ? picture.resume() : picture.pause()),
    toggleSound: () => picture.toggleSound(),
    toggleCaptions: () => toggleCaptions(room, toast),
    toggleDanmaku: () => {
      prefer({ isDanmakuOn: !preferences.value.isDanmakuOn });
      toast(room.t(preferences.value.isDanmakuOn ? "danmaku_is_on" : "danmaku_is_off"));
    },
    rename: (nickname) => connection.rename(nickname),
    retry: () => picture.retry(),
    say: toast,
  };
}

function makeToast(room: Room): (text: string) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (text) => {
    room.toast.value = text;
    clearTimeout(timer);
    timer = setTimeout(() => {
      room.toast.value = "";
    }, TOAST_MS);
  };
}

/** The browser's own sheet on phones; elsewhere the address with a code. */
async function share(room: Room, toast: (text: string) => void): Promise<void> {
  const url = new URL(room.page.urls.room, location.href).href;
  if (!navigator.share || !matchMedia("(pointer: coarse)").matches) {
    room.sheet.value = "share";
    return;
  }
  try {
    await navigator.share({ title: room.show.value.title, url });
  } catch (error) {
    if (error instanceof DOMException && error.name !== "AbortError") toast(room.t("not_shared"));
  }
}

/** Off, then each language in turn, the page's own first. */
function toggleCaptions(room: Room, toast: (text: string) => void): void {
  const tracks = room.playback.value?.captions ?? [];
  const offered = ["", ...tracks.map((track) => track.lang)];
  const next = offered[(offered.indexOf(preferences.value.captions ?? "") + 1) % offered.length] ?? "";
  prefer({ captions: next });
  const label = tracks.find((track) => track.lang === next)?.label;
  toast(tracks.length === 0 ? room.t("no_captions") : label ? room.t("captions_are", { language: label }) : room.t("captions_are_off"));
}

/** Taps of a second travel as one message; the count on the screen moves at once. */
class LikeBatch {
  private count = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly room: Room,
    private readonly connection: Connection,
  ) {}

  add(): void {
    if (this.count >= MAX_LIKES_A_BATCH) return;
    this.count++;
    this.room.likes.value++;
    this.timer ??= setTimeout(() => void this.send(), LIKE_BATCH_MS);
  }

  private async send(): Promise<void> {
    const count = this.count;
    this.count = 0;
    this.timer = undefined;
    try {
      await this.connection.sendLikes(count);
    } catch {
      this.room.likes.value -= count; // likes are lossy: what was refused is taken back, without a word
    }
  }
}
