/** A connection's figures, made of two readings of `getStats`. Pure. */

export interface LineFigures {
  bitsPerS: number;
  /** Null before the first answer of the other side. */
  roundTripMs: number | null;
  lostShare: number;
  framesPerS: number;
  width: number;
  height: number;
  freezes: number;
  /** How long pictures wait here before they are shown; 0 for what is sent. */
  bufferedMs: number;
  /** What keeps the encoder from more: `cpu`, `bandwidth`, or `none`. */
  limitedBy: string;
  /** How long pictures stood still since the connection began. */
  frozenMs: number;
  /** Of a picture: to decode it, or to encode it; 0 on the other side. */
  decodeMs: number;
  encodeMs: number;
  /** How long a packet waits here before it is sent. */
  sendMs: number;
  /** Pictures a second that the camera gives. */
  capturedPerS: number;
}

/** Counters of one reading, to be compared with those of the next. */
export interface Reading {
  atMs: number;
  bytes: number;
  packets: number;
  lost: number;
  /** Packets of the picture: whether the other side is still heard. */
  pictures: number;
  bufferS: number;
  emitted: number;
  codedS: number;
  coded: number;
  waitedS: number;
  figures: LineFigures;
}

type Stat = Record<string, unknown> & { type: string };

const number = (stat: Stat | undefined, name: string): number => (typeof stat?.[name] === "number" ? (stat[name] as number) : 0);

/** Of the m-line: the first one is the connection's own line, later ones are guests'. */
const place = (stat: Stat): number => Number(stat["mid"] ?? 0);

/** Read a report as the one who watches (`inbound`) or who sends (`outbound`). */
export function read(report: Iterable<Stat>, side: "inbound" | "outbound", before: Reading | null, atMs: number): Reading {
  const stats = [...report];
  const streams = stats.filter((stat) => stat.type === `${side}-rtp`);
  const picture = streams.filter((stat) => stat["kind"] === "video").sort((one, other) => place(one) - place(other))[0];
  const told = stats.filter((stat) => stat.type === "remote-inbound-rtp");
  // Lost sound that came again counts as never lost, and lost pictures that came again as received: the network's own share is
  // that of the picture's first sendings.
  const measured = side === "inbound" && picture ? [picture] : streams;
  const pair = stats.find((stat) => stat.type === "candidate-pair" && stat["nominated"] === true && stat["state"] === "succeeded");
  const sum = (list: Stat[], name: string) => list.reduce((total, stat) => total + number(stat, name), 0);
  const now = {
    atMs,
    bytes: sum(streams, side === "inbound" ? "bytesReceived" : "bytesSent"),
    packets: side === "inbound" ? sum(measured, "packetsReceived") - sum(measured, "retransmittedPacketsReceived") : sum(streams, "packetsSent"),
    lost: sum(side === "inbound" ? measured : told, "packetsLost"),
    pictures: number(picture, side === "inbound" ? "packetsReceived" : "packetsSent"),
    bufferS: number(picture, "jitterBufferDelay"),
    emitted: number(picture, "jitterBufferEmittedCount"),
    codedS: number(picture, side === "inbound" ? "totalDecodeTime" : "totalEncodeTime"),
    coded: number(picture, side === "inbound" ? "framesDecoded" : "framesEncoded"),
    waitedS: number(picture, "totalPacketSendDelay"),
  };
  const camera = stats.find((stat) => stat.type === "media-source" && stat["kind"] === "video");
  const since = (name: "bytes" | "packets" | "pictures" | "lost" | "bufferS" | "emitted" | "codedS" | "coded" | "waitedS") => (before ? Math.max(0, now[name] - before[name]) : 0);
  const each = (seconds: number, count: number) => (count > 0 ? (seconds / count) * 1000 : 0);
  const codingMs = each(since("codedS"), since("coded"));
  const tookMs = before ? atMs - before.atMs : 0;
  const lost = since("lost");
  const trip = pair?.["currentRoundTripTime"] ?? told.find((stat) => stat["roundTripTime"] !== undefined)?.["roundTripTime"];
  return {
    ...now,
    figures: {
      bitsPerS: tookMs > 0 ? Math.round((since("bytes") * 8000) / tookMs) : 0,
      roundTripMs: typeof trip === "number" ? trip * 1000 : null,
      lostShare: side === "outbound" ? Math.max(0, ...told.map((stat) => number(stat, "fractionLost"))) : lost > 0 ? lost / (lost + since("packets")) : 0,
      framesPerS: Math.round(number(picture, "framesPerSecond")),
      width: number(picture, "frameWidth"),
      height: number(picture, "frameHeight"),
      freezes: number(picture, "freezeCount"),
      bufferedMs: each(since("bufferS"), since("emitted")),
      limitedBy: typeof picture?.["qualityLimitationReason"] === "string" ? (picture["qualityLimitationReason"] as string) : "none",
      frozenMs: number(picture, "totalFreezesDuration") * 1000,
      decodeMs: side === "inbound" ? codingMs : 0,
      encodeMs: side === "outbound" ? codingMs : 0,
      sendMs: side === "outbound" ? each(since("waitedS"), since("pictures")) : 0,
      capturedPerS: Math.round(number(camera, "framesPerSecond")),
    },
  };
}

export async function readConnection(connection: RTCPeerConnection, side: "inbound" | "outbound", before: Reading | null): Promise<Reading> {
  const report = await connection.getStats();
  const stats: Stat[] = [];
  report.forEach((stat: Stat) => void stats.push(stat));
  return read(stats, side, before, performance.now());
}
