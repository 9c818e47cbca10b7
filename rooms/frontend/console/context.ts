/** The console, its desk and the program's picture, for every component. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Connection } from "../room/connection";
import type { Desk } from "./desk";
import type { Host } from "./live/host";
import type { Numbers } from "./live/numbers";
import type { GuestPreview } from "./live/preview";
import type { Console } from "./model";

export interface ConsoleParts {
  model: Console;
  desk: Desk;
  connection: Connection;
  host: Host;
  numbers: Numbers;
  preview: GuestPreview;
}

export const ConsoleContext = createContext<ConsoleParts | null>(null);

export function useConsole(): ConsoleParts {
  const found = useContext(ConsoleContext);
  if (!found) throw new Error("a component of the console stands outside of it");
  return found;
}
