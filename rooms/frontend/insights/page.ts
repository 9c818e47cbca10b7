/** What the server writes into the page of insights: see `rooms/insights/reports/views.py`. */
import { readState, type Texts } from "@merchants/design/texts";
import type { Course, CoursePoint } from "../experiment/course";
import type { Second } from "./story";

export interface VariantSteps {
  name: string;
  steps: { label: string; sessions: number; percent: number }[];
}

export interface InsightsPage {
  funnel: { label: string; sessions: number }[];
  /** Empty where nothing varied. */
  variants: VariantSteps[];
  seconds: Second[];
  drops: Second[];
  /** Empty: all rooms. */
  room_id: string;
  is_on_air: boolean;
  /** ISO 4217: of the shop. */
  currency: string;
  /** Rooms with visits, by id. */
  room_names: Readonly<Record<string, string>>;
  days: { since?: string; until?: string };
  may_test: boolean;
  /** Of the room's experiment, in its first goal; null without one, or before its first judgement. */
  course: { points: CoursePoint[]; texts: Course["texts"] } | null;
  texts: Texts;
}

export const page = readState<InsightsPage>();
export const accent = getComputedStyle(document.body).getPropertyValue("--accent").trim() || "#e5394b";

/** A text of the page; one that the server forgot shows its name. */
export const say = (key: string): string => page.texts[key] ?? key;

/** The address of a report, narrowed as the page is. */
export function reportUrl(name: string, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({ ...(page.room_id && { room_id: page.room_id }), ...page.days, ...more });
  return `/api/v1/insights/${name}/?${query}`;
}

export function roomUrl(name: string, more: Readonly<Record<string, string>> = {}): string {
  return `/api/v1/insights/rooms/${page.room_id}/${name}/?${new URLSearchParams({ ...page.days, ...more })}`;
}
