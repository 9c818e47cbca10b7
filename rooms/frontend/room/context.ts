/** The room and what can be done in it, for every component. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ShownCard } from "../show/cards";
import type { Room, SheetName } from "./model";
import type { Picture } from "./picture";
import type { GuestLines } from "./stage/lines";
import type { OwnStage } from "./stage/own";

export interface Acts {
  /** Send what the viewer wrote. Rejects with an error whose `message` may be shown. */
  send: (text: string, as: "danmaku" | "comment") => Promise<void>;
  like: () => void;
  open: (sheet: SheetName) => void;
  closeSheet: () => void;
  showProduct: (productId: string) => void;
  buy: (productId: string, variantId: string, card: ShownCard | null) => void;
  /** Fold the card away by hand. */
  dismiss: (card: ShownCard) => void;
  share: () => void;
  togglePause: () => void;
  toggleSound: () => void;
  toggleCaptions: () => void;
  toggleDanmaku: () => void;
  /** Choose another name as a guest. Rejects with an error whose `message` may be shown. */
  rename: (nickname: string) => Promise<void>;
  /** Try the picture again, now. */
  retry: () => void;
  /** Say something that stands for a moment. */
  say: (text: string) => void;
}

export interface RoomParts {
  room: Room;
  acts: Acts;
  picture: Picture;
  guests: GuestLines;
  own: OwnStage;
}

export const RoomContext = createContext<RoomParts | null>(null);

export function useRoom(): RoomParts {
  const found = useContext(RoomContext);
  if (!found) throw new Error("a component of the room stands outside of it");
  return found;
}
