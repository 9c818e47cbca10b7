/** How much this place can send: some bytes are posted for nothing, before a show depends on it. */

const BYTES = 1_500_000;
const LONGEST_MS = 8_000;
/** Nothing is said of what went out in less: it may only have filled buffers. */
const SHORTEST_MS = 40;

/** What is recommended for 720p with sound, and what 480p needs. Bits a second. */
export const GOOD_UPLINK = 3_000_000;
export const LEAST_UPLINK = 1_000_000;

export type UplinkVerdict = "good" | "coarse" | "poor";

/** Bits a second to `address`; a slow line is measured by what went out in eight seconds. Null when nothing did. */
export function measureUplink(address: string, headers: Readonly<Record<string, string>>): Promise<number | null> {
  const noise = new Uint8Array(BYTES);
  for (let at = 0; at < BYTES; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536)); // nothing on the way can compress it
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let [startedAt, sentBytes, sentAt] = [performance.now(), 0, 0];
    request.upload.onloadstart = () => (startedAt = performance.now());
    request.upload.onprogress = (event) => ([sentBytes, sentAt] = [event.loaded, performance.now()]);
    request.onload = () => resolve(request.status < 300 ? rateOf(BYTES, performance.now() - startedAt) : null);
    request.ontimeout = () => resolve(rateOf(sentBytes, sentAt - startedAt));
    request.onerror = () => resolve(null);
    request.open("POST", address);
    request.timeout = LONGEST_MS;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(noise);
  });
}

/** Pure. Null when too little is known. */
export function rateOf(bytes: number, tookMs: number): number | null {
  return bytes > 0 && tookMs > 0 ? Math.round((bytes * 8 * 1000) / Math.max(SHORTEST_MS, tookMs)) : null;
}

export function judgeUplink(bitsPerS: number): UplinkVerdict {
  if (bitsPerS >= GOOD_UPLINK) return "good";
  return bitsPerS >= LEAST_UPLINK ? "coarse" : "poor";
}
