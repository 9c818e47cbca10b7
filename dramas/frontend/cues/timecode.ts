/** Times as people write them: `mm:ss.mmm`. The server reads them by the same rules: `dramas/seasons/timecode.py`. */

export function formatTimecode(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  const pad = (value: number, length: number) => String(value).padStart(length, "0");
  return `${pad(Math.floor(whole / 60_000), 2)}:${pad(Math.floor(whole / 1000) % 60, 2)}.${pad(whole % 1000, 3)}`;
}

/** Milliseconds, or null when it is no time. */
export function parseTimecode(text: string): number | null {
  const found = /^(?:(\d{1,3}):)?(\d{1,2})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!found) return null;
  const [, minutes, seconds, fraction = "0"] = found;
  if (minutes !== undefined && Number(seconds) > 59) return null;
  return (Number(minutes ?? 0) * 60 + Number(seconds)) * 1000 + Number(fraction.padEnd(3, "0"));
}

/** `3:42`, for rulers and lists. */
export function formatLength(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
