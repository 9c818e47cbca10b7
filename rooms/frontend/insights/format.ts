/** Numbers as the reader's language writes them. */
import { page } from "./page";

const language = document.documentElement.lang || "en";

/** Minor units of the shop's currency. */
export function money(minor: number): string {
  const format = new Intl.NumberFormat(language, { style: "currency", currency: page.currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

export function percent(share: number): string {
  return `${new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(share * 100)} %`;
}
