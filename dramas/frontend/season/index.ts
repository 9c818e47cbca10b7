/** The season page: episodes in order by mouse and keyboard, progress while it happens. The server draws every state. */
import { callApi } from "@merchants/design/api";
import { fill, readState, type Texts } from "@merchants/design/texts";
import { RoomSocket } from "@realtime/socket";
import { moved, Reorder } from "./reorder";

const POLL_MS = 3_000;
const REFRESH_AT_MOST_EVERY_MS = 800;

const page = document.getElementById("season")!;
const live = document.getElementById("season-live")!;
const said = document.getElementById("season-said")!;
const texts = readState<Texts<"moved" | "failed" | "offline">>("texts");

let isRefreshing = false;
let refreshedAt = 0;
let pending: ReturnType<typeof setTimeout> | undefined;
const reorder = new Reorder(live, (order, grip) => void saveOrder(order, grip));

/** Ask the server for the living part, unless somebody is dragging: it comes after the drop. */
async function refresh(): Promise<void> {
  clearTimeout(pending);
  if (isRefreshing || reorder.isDragging || document.hidden) return;
  const waitMs = refreshedAt + REFRESH_AT_MOST_EVERY_MS - Date.now();
  if (waitMs > 0) return void (pending = setTimeout(() => void refresh(), waitMs));
  isRefreshing = true;
  try {
    const response = await fetch(location.href, { headers: { "X-Fragment": "1" }, signal: AbortSignal.timeout(8_000) });
    if (response.ok) swap(await response.text());
  } catch {
    said.textContent = texts.offline;
  } finally {
    isRefreshing = false;
    refreshedAt = Date.now();
  }
}

/** Put new HTML in place and give the focus back to what had it. */
function swap(html: string): void {
  const focused = document.activeElement?.closest<HTMLElement>("[data-episode]")?.dataset["episode"];
  const hadGrip = document.activeElement?.hasAttribute("data-grip") ?? false;
  const scrolled = live.querySelector(".strip")?.scrollLeft ?? 0;
  live.innerHTML = html;
  live.querySelector(".strip")!.scrollLeft = scrolled;
  if (focused && hadGrip) live.querySelector<HTMLElement>(`[data-episode="${focused}"] [data-grip]`)?.focus();
}

async function saveOrder(order: string[], moving: { id: string; title: string }): Promise<void> {
  const url = live.querySelector<HTMLElement>("[data-order-url]")!.dataset["orderUrl"]!;
  const token = page.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
  const body = new URLSearchParams({ order: order.join(","), csrfmiddlewaretoken: token });
  try {
    const response = await fetch(url, { method: "POST", headers: { "X-Fragment": "1" }, body, signal: AbortSignal.timeout(8_000) });
    if (!response.ok) throw new Error(String(response.status));
    swap(await response.text());
    live.querySelector<HTMLElement>(`[data-episode="${moving.id}"] [data-grip]`)?.focus();
    said.textContent = fill(texts.moved, { title: moving.title, number: order.indexOf(moving.id) + 1 });
  } catch {
    said.textContent = texts.failed;
    await refresh();
  }
}

live.addEventListener("click", (event) => {
  const retry = (event.target as Element).closest<HTMLButtonElement>("[data-retry]");
  if (!retry) return;
  retry.disabled = true;
  callApi(retry.dataset["retry"]!, { method: "POST", networkText: texts.offline })
    .catch((error: Error) => (said.textContent = error.message))
    .finally(() => void refresh());
});

live.addEventListener("keydown", (event) => {
  const grip = (event.target as Element).closest("[data-grip]");
  const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  if (!grip || step === undefined) return;
  event.preventDefault();
  const card = grip.closest<HTMLElement>("[data-episode]")!;
  const order = reorder.order();
  const from = order.indexOf(card.dataset["episode"]!);
  const to = Math.min(order.length - 1, Math.max(0, from + step));
  if (to !== from) void saveOrder(moved(order, from, to), { id: card.dataset["episode"]!, title: card.dataset["title"]! });
});

const socket = new RoomSocket({ url: "/ws/office/" });
socket.on<{ k: "episode.progress" }>("episode.progress", () => void refresh());
socket.open();
setInterval(() => {
  if (socket.status !== "open" && live.querySelector("[data-at-work]")) void refresh();
}, POLL_MS);
document.addEventListener("visibilitychange", () => void refresh());
