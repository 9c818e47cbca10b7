/** Whether the viewer lets their visit be counted. The choice is a cookie, so that the server knows it with the next page. */
import { signal } from "@preact/signals";

const YEAR_S = 365 * 86_400;

/** Null until somebody has chosen on this page: then the page's own answer holds. */
export const choice = signal<boolean | null>(null);

/** "No" holds at once; "yes" from the next page on, if this one was not measured. */
export function choose(isCounted: boolean): void {
  choice.value = isCounted;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `measuring=${isCounted ? "yes" : "no"}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
}
