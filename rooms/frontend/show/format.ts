/** Times and counts as the reader's language writes them. */

/** `2:13`; hours only when there are some. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const tail = String(rest).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** `2:13.400`, for the console. */
export function timecode(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  return `${clockText(whole)}.${String(whole % 1000).padStart(3, "0")}`;
}

const LOCALES: Readonly<Record<string, string>> = { "zh-hans": "zh-CN", en: "en" };

/** `0.4`, at least a tenth: nothing arrives at once. */
export function secondsText(ms: number, language: string): string {
  const seconds = Math.max(0.1, ms / 1000);
  return new Intl.NumberFormat(LOCALES[language] ?? language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(seconds);
}

/** `12.4K`, `1.2万`. */
export function compactCount(count: number, language: string): string {
  return new Intl.NumberFormat(LOCALES[language] ?? language, { notation: "compact", maximumFractionDigits: 1 }).format(count);
}

export function fullCount(count: number, language: string): string {
  return new Intl.NumberFormat(LOCALES[language] ?? language).format(count);
}

/** `one` or `other`: which of a text's two forms goes with `count` in this language. */
export function pluralForm(count: number, language: string): "one" | "other" {
  return new Intl.PluralRules(LOCALES[language] ?? language).select(count) === "one" ? "one" : "other";
}

const DAY_MS = 86_400_000;

/** How long it is until something: `49:58` within a day, `in 3 days` beyond. */
export function timeUntil(ms: number, language: string): string {
  if (ms < DAY_MS) return clockText(ms);
  return new Intl.RelativeTimeFormat(LOCALES[language] ?? language).format(Math.round(ms / DAY_MS), "day");
}

/** `Mon 20:30` in the reader's own zone; of today only the hour, in the words of `today` (`%(hour)s today`). */
export function dayAndTime(atMs: number, nowMs: number, language: string, today = "%(hour)s"): string {
  const at = new Date(atMs);
  const locale = LOCALES[language] ?? language;
  const hour = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  if (at.toDateString() === new Date(nowMs).toDateString()) return today.replace("%(hour)s", hour);
  const isNear = atMs > nowMs && atMs - nowMs < 6 * DAY_MS;
  const day = new Intl.DateTimeFormat(locale, isNear ? { weekday: "short" } : { month: "short", day: "numeric" }).format(at);
  return `${day} ${hour}`;
}

/** A price without its decimals where they are zeros: `$36`. What is left is the same price to the cent. */
export function wholeAmount(price: { amount_minor: number; currency: string; text: string }, language: string): string {
  const style = { style: "currency", currency: price.currency } as const;
  const digits = new Intl.NumberFormat(LOCALES[language] ?? language, style).resolvedOptions().maximumFractionDigits ?? 0;
  if (digits === 0 || price.amount_minor % 10 ** digits !== 0) return price.text;
  return price.text.replace(new RegExp(`[.,]0{${digits}}(?=\\D*$)`), "");
}
