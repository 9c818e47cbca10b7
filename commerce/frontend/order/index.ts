/** The order's page while its payment is under way: look again, and show the new state when there is one. */
import { callApi } from "@merchants/design/api";
import { readState } from "@merchants/design/texts";

interface OrderPage {
  status_url: string;
  is_open: boolean;
}

const EVERY_MS = 3_000;
const LONGEST_MS = 10 * 60_000;

async function watch(page: OrderPage): Promise<void> {
  const until = Date.now() + LONGEST_MS;
  while (Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    if (document.hidden) continue;
    // Whoever has the link may read the order, but only its buyer's browser may ask the processor.
    const answer = await callApi<{ order: { state: string } }>(page.status_url, { method: "POST" }).catch(() => null);
    if (answer && answer.order.state !== "paying") {
      location.reload();
      return;
    }
  }
}

const page = readState<OrderPage>();
if (page.is_open) void watch(page);
