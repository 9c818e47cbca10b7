/** What a viewer chose for this browser: sound, captions, danmaku. */
import { signal } from "@preact/signals";

export interface Preferences {
  isDanmakuOn: boolean;
  /** 0.2 to 1. */
  danmakuOpacity: number;
  /** BCP 47, empty for none, null until the viewer has chosen. */
  captions: string | null;
}

const KEY = "viewing";
const DEFAULTS: Preferences = { isDanmakuOn: true, danmakuOpacity: 1, captions: null };

function read(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    return DEFAULTS; // storage is blocked or holds something else
  }
}

export const preferences = signal<Preferences>(read());

export function prefer(change: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences.value));
  } catch {
    // private windows keep the choice for this page only
  }
}
