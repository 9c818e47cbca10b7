/** The lobby after it was read: times in the reader's zone, what plays moves on, products open where they stand. */
import { readState } from "@merchants/design/texts";
import { clockText, dayAndTime } from "../show/format";
import { openProducts } from "./products";
import type { LobbyPage } from "./state";

const TICK_MS = 1_000;
const REFRESH_GAP_MS = 15_000;

const page = readState<LobbyPage>();
let refreshedAt = performance.now();

function writeTimes(): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-time]")) {
    time.textContent = dayAndTime(new Date(time.dateTime).getTime(), Date.now(), page.language, page.texts["today"] ?? "");
  }
}

/** Move each progress bar on; when an episode is over the page is asked again. */
function tick(elapsedMs: number): void {
  for (const shown of document.querySelectorAll<HTMLElement>("[data-on-air]")) {
    const durationMs = Number(shown.dataset["durationMs"]);
    if (!durationMs) continue;
    const leftMs = Number(shown.dataset["leftMs"]) - elapsedMs;
    shown.dataset["leftMs"] = String(leftMs);
    const progress = shown.querySelector("progress");
    if (progress) progress.value = Math.min(100, 100 - (leftMs / durationMs) * 100);
    const left = shown.querySelector("[data-left]");
    if (left) left.textContent = (page.texts["time_left"] ?? "%(time)s").replace("%(time)s", clockText(leftMs));
    if (leftMs < -1_000) void refresh();
  }
}

/** The same page again, its main part taken over: no flash, no lost place. */
async function refresh(): Promise<void> {
  if (document.hidden || performance.now() - refreshedAt < REFRESH_GAP_MS) return;
  refreshedAt = performance.now();
  try {
    const response = await fetch(location.pathname, { signal: AbortSignal.timeout(8_000) });
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
    if (fresh) document.querySelector("main")?.replaceWith(document.adoptNode(fresh));
    writeTimes();
  } catch {
    // offline: what is shown stays, and the next turn asks again
  }
}

let tickedAt = performance.now();
setInterval(() => {
  const now = performance.now();
  tick(now - tickedAt);
  tickedAt = now;
}, TICK_MS);
document.addEventListener("visibilitychange", () => void refresh());
writeTimes();
openProducts(page);
