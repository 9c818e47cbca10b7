/** Which line each pair of m-lines of a connection carries. Pure. */

/** The places with `wanted` lines in them: lines keep theirs, who left leaves an empty one (`""`), who is new takes the first of those. */
export function assign(slots: readonly string[], wanted: readonly string[]): string[] {
  const next = slots.map((name) => (wanted.includes(name) ? name : ""));
  for (const name of wanted) {
    if (next.includes(name)) continue;
    const free = next.indexOf("");
    if (free < 0) next.push(name);
    else next[free] = name;
  }
  return next;
}

const KEPT_EXTENSIONS = ["urn:ietf:params:rtp-hdrext:sdes:mid", "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"];

/** An offer without header extensions that no node answers: ten m-lines of them would not fit into one message. */
export function slim(sdp: string): string {
  return sdp
    .split("\r\n")
    .filter((line) => !line.startsWith("a=extmap") || KEPT_EXTENSIONS.some((name) => line.endsWith(name)))
    .join("\r\n");
}
