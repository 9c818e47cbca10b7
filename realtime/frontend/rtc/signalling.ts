/** How an offer becomes a connection: whatever carries offers and answers, the steps are these. */

/** The road to the media plane. Offers are refused with an error that has a `code`. */
export interface Signalling {
  /** Resolves once an offer can be sent. */
  ready(): Promise<void>;
  iceServers(): Promise<RTCIceServer[]>;
  offer(sdp: string): Promise<{ sdp: string; session: string }>;
  /** Be offered to, where the media server does not answer viewers (`offer_unwanted`). Lines that send never are. */
  invite?(): Promise<{ sdp: string; session: string }>;
  accept?(session: string, sdp: string): Promise<unknown>;
  /** Says goodbye; nobody waits for an answer. */
  leave(session: string): void;
}

/** The node takes no candidates later, so all are gathered first; a STUN server that says nothing must not hold the picture up. */
const GATHER_MS = 1_500;

/** Bring one offer to its answer. Resolves with the session's name; rejects with what refused it. */
export async function agree(connection: RTCPeerConnection, signalling: Signalling): Promise<string> {
  await offerOwn(connection);
  let answer;
  try {
    answer = await signalling.offer(connection.localDescription?.sdp ?? "");
  } catch (error) {
    if (codeOf(error) !== "offer_unwanted" || !signalling.invite || !signalling.accept) throw error;
    return answerTo(connection, await signalling.invite(), signalling);
  }
  if (connection.signalingState === "closed") {
    signalling.leave(answer.session);
    throw new DOMException("the connection was closed meanwhile", "AbortError");
  }
  await connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
  return answer.session;
}

/** Make this side's offer, with its candidates. */
export async function offerOwn(connection: RTCPeerConnection): Promise<void> {
  const offer = await connection.createOffer();
  await connection.setLocalDescription({ type: "offer", sdp: withRepeatedSound(offer.sdp ?? "") });
  await gathered(connection);
}

/** The other direction. What was offered in vain is taken back: the lines of the server's offer take its place. */
async function answerTo(connection: RTCPeerConnection, offer: { sdp: string; session: string }, signalling: Signalling): Promise<string> {
  try {
    await connection.setLocalDescription({ type: "rollback" });
    for (const transceiver of connection.getTransceivers()) transceiver.stop();
    await connection.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    await connection.setLocalDescription();
    await gathered(connection);
    await signalling.accept?.(offer.session, connection.localDescription?.sdp ?? "");
  } catch (error) {
    signalling.leave(offer.session);
    throw error;
  }
  return offer.session;
}

export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.name : "unknown";
}

/** Browsers ask for lost pictures again, and for lost sound only when the description says so: a line that they know, but do not offer. */
export function withRepeatedSound(sdp: string): string {
  return sdp.replace(/^a=rtpmap:(\d+) opus\/48000.*\r\n/gim, (line, format) => (sdp.includes(`a=rtcp-fb:${format} nack\r\n`) ? line : `${line}a=rtcp-fb:${format} nack\r\n`));
}

/** Resolves once every address of this browser is in the local description. */
function gathered(connection: RTCPeerConnection): Promise<void> {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      connection.removeEventListener("icegatheringstatechange", look);
      resolve();
    };
    const look = () => connection.iceGatheringState === "complete" && done();
    const timer = setTimeout(done, GATHER_MS);
    connection.addEventListener("icegatheringstatechange", look);
  });
}

/** H264 first, in the kind that every phone decodes in hardware; what repairs it (rtx) goes along. */
export function preferH264(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const rank = ({ mimeType, sdpFmtpLine = "" }: (typeof codecs)[number]): number => {
    if (!/h264/i.test(mimeType)) return /rtx/i.test(mimeType) ? 2 : 3;
    return /packetization-mode=1/.test(sdpFmtpLine) && /profile-level-id=42e0/i.test(sdpFmtpLine) ? 0 : 1;
  };
  const wanted = codecs.filter((codec) => rank(codec) < 3).sort((one, other) => rank(one) - rank(other));
  if (wanted.some((codec) => rank(codec) < 2)) transceiver.setCodecPreferences(wanted);
}

/** How long to wait before the attempt with this number (from 1), so that a crowd that lost its node does not return as one. */
export function pauseBefore(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(8_000, 400 * 2 ** (attempt - 1));
  return ceiling / 2 + random() * ceiling;
}
