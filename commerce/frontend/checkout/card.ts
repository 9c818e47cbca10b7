/** What can be said of a typed card before any bank is asked. */

export interface TypedCard {
  number: string;
  expiry: string;
  cvc: string;
}

export interface CardEntry {
  number: string;
  exp_month: number;
  exp_year: number;
  cvc: string;
}

export type CardField = keyof TypedCard;

const AMEX = /^3[47]/;

/** Groups of four, or 4-6-5 for American Express. */
export function formatNumber(text: string): string {
  const digits = text.replace(/\D/g, "").slice(0, 19);
  const groups = AMEX.test(digits) ? /^(\d{0,4})(\d{0,6})(\d{0,5})/ : /^(\d{0,4})(\d{0,4})(\d{0,4})(\d{0,4})(\d{0,3})/;
  return (groups.exec(digits) ?? []).slice(1).filter(Boolean).join(" ");
}

/** `1234` becomes `12/34`; a month that can only have one digit gets its zero. */
export function formatExpiry(text: string): string {
  let digits = text.replace(/\D/g, "").slice(0, 4);
  if (/^[2-9]/.test(digits)) digits = `0${digits}`.slice(0, 4);
  return digits.length > 2 ? `${digits.slice(0, 2)}/${digits.slice(2)}` : digits;
}

/** The check digit of ISO/IEC 7812. */
export function isLuhnValid(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return digits.length > 0 && sum % 10 === 0;
}

/** The first field that cannot be right, or null. */
export function wrongField(card: TypedCard, now: Date): CardField | null {
  const digits = card.number.replace(/\D/g, "");
  if (digits.length < 12 || !isLuhnValid(digits)) return "number";
  const [month, year] = expiryOf(card.expiry);
  const isPast = year < now.getFullYear() || (year === now.getFullYear() && month < now.getMonth() + 1);
  if (month < 1 || month > 12 || isPast || year > now.getFullYear() + 50) return "expiry";
  return (AMEX.test(digits) ? /^\d{4}$/ : /^\d{3}$/).test(card.cvc.trim()) ? null : "cvc";
}

export function entryOf(card: TypedCard): CardEntry {
  const [month, year] = expiryOf(card.expiry);
  return { number: card.number.replace(/\D/g, ""), exp_month: month, exp_year: year, cvc: card.cvc.trim() };
}

function expiryOf(text: string): [number, number] {
  const match = /^(\d{2})\/(\d{2})$/.exec(text.trim());
  return match ? [Number(match[1]), 2000 + Number(match[2])] : [0, 0];
}
