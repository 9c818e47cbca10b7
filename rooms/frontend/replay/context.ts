/** The replay and its reel, for every component. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Replay } from "./model";
import type { Reel } from "./reel";

export const ReplayContext = createContext<{ replay: Replay; reel: Reel } | null>(null);

export function useReplay(): { replay: Replay; reel: Reel } {
  const found = useContext(ReplayContext);
  if (!found) throw new Error("a component of the replay stands outside of it");
  return found;
}
