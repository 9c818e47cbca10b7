/** The finance page: the comparison with Stripe arrives after the page, and can be asked for again. */
import { readState } from "@merchants/design/texts";

interface FinancePage {
  reconciliation_url: string;
}

const TIMEOUT_MS = 25_000;

/** Both answers are the server's own HTML: the comparison, or a sentence that says why there is none. */
async function compare(place: HTMLElement, url: string): Promise<void> {
  place.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT_MS), headers: { Accept: "text/html" } });
    if (!response.ok && response.status !== 503) throw new Error(String(response.status));
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    place.replaceChildren(...answer.body.children);
  } catch {
    const failed = document.getElementById("reconciliation-failed");
    if (failed instanceof HTMLTemplateElement) place.replaceChildren(failed.content.cloneNode(true));
  } finally {
    place.removeAttribute("aria-busy");
  }
}

const place = document.getElementById("reconciliation");
if (place) {
  const { reconciliation_url: url } = readState<FinancePage>();
  place.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-retry]")) void compare(place, url);
  });
  void compare(place, url);
}
