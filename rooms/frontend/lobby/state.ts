/** What the server writes into the lobby. */
import type { Texts } from "@merchants/design/texts";
import type { ProductView } from "../show/wire";

export interface LobbyPage {
  language: string;
  server_ms: number;
  products: ProductView[];
  texts: Texts;
}
