/** Where pictures to send come from: a camera, a screen, a file. Each gives a stream, or says in one word why not. */

export type SourceKind = "camera" | "screen" | "file";
/** `denied`: the person or the browser said no. `missing`: nothing is plugged in. `busy`: another program has it.
 * `insecure`: browsers only give cameras to pages that came over https. `unsupported`: this browser cannot do it.
 * `unreadable`: the file is none that this browser plays. `cancelled`: nothing was chosen. */
export type SourceProblem = "denied" | "missing" | "busy" | "insecure" | "unsupported" | "unreadable" | "cancelled";

export class SourceError extends Error {
  constructor(readonly problem: SourceProblem) {
    super(problem);
    this.name = "SourceError";
  }
}

export interface Devices {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
}

/** A stream and the way to let go of what it comes from. */
export interface Source {
  kind: SourceKind;
  stream: MediaStream;
  name: string;
  release(): void;
}

const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const GUEST_PICTURE: MediaTrackConstraints = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24, max: 30 } };
const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** Raises: SourceError. */
export async function openCamera(cameraId = "", microphoneId = ""): Promise<Source> {
  const video = { ...PICTURE, ...(cameraId && { deviceId: { exact: cameraId } }) };
  const audio = { ...SOUND, ...(microphoneId && { deviceId: { exact: microphoneId } }) };
  const stream = await asking((media) => media.getUserMedia({ video, audio }));
  return sourceOf("camera", stream);
}

/** A guest: camera and microphone, or the microphone alone. A smaller picture than the host's, because it is shown small. Raises: SourceError. */
export async function openGuest(hasPicture: boolean): Promise<Source> {
  const stream = await asking((media) => media.getUserMedia({ audio: SOUND, ...(hasPicture && { video: GUEST_PICTURE }) }));
  return sourceOf("camera", stream);
}

/** The screen, a window or a tab; with the microphone, so that the host can talk over it. Raises: SourceError. */
export async function openScreen(microphoneId = ""): Promise<Source> {
  if (!navigator.mediaDevices?.getDisplayMedia) throw new SourceError(isSecureContext ? "unsupported" : "insecure");
  const stream = await asking((media) => media.getDisplayMedia({ video: PICTURE, audio: true }), "cancelled");
  if (stream.getAudioTracks().length > 0) return sourceOf("screen", stream);
  try {
    const voice = await asking((media) => media.getUserMedia({ audio: { ...SOUND, ...(microphoneId && { deviceId: { exact: microphoneId } }) } }));
    for (const track of voice.getAudioTracks()) stream.addTrack(track);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error; // a screen without a voice is still a screen; the level meter shows it
  }
  return sourceOf("screen", stream);
}

type Capturing = HTMLVideoElement & { captureStream?: () => MediaStream; mozCaptureStream?: () => MediaStream };

/** A film of the host's own machine, over and over. Raises: SourceError. */
export async function openFile(file: File): Promise<Source> {
  const video: Capturing = Object.assign(document.createElement("video"), { loop: true, playsInline: true, muted: true });
  const capture = (video.captureStream ?? video.mozCaptureStream)?.bind(video);
  if (!capture) throw new SourceError("unsupported");
  const address = URL.createObjectURL(file);
  video.src = address;
  try {
    await video.play();
  } catch {
    URL.revokeObjectURL(address);
    throw new SourceError("unreadable");
  }
  const stream = capture();
  if (stream.getVideoTracks().length === 0) {
    URL.revokeObjectURL(address);
    throw new SourceError("unreadable");
  }
  return {
    kind: "file",
    stream,
    name: file.name,
    release: () => {
      stop(stream);
      video.pause();
      video.removeAttribute("src");
      URL.revokeObjectURL(address);
    },
  };
}

/** What is plugged in; without names before the first permission. */
export async function listDevices(): Promise<Devices> {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return { cameras: all.filter((one) => one.kind === "videoinput"), microphones: all.filter((one) => one.kind === "audioinput") };
}

function sourceOf(kind: SourceKind, stream: MediaStream): Source {
  return { kind, stream, name: stream.getVideoTracks()[0]?.label ?? "", release: () => stop(stream) };
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

async function asking(ask: (media: MediaDevices) => Promise<MediaStream>, refusal: SourceProblem = "denied"): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new SourceError(isSecureContext ? "unsupported" : "insecure");
  try {
    return await ask(navigator.mediaDevices);
  } catch (error) {
    throw new SourceError(problemOf(error, refusal));
  }
}

/** One word for what a browser's error means. */
export function problemOf(error: unknown, refusal: SourceProblem = "denied"): SourceProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return refusal;
  if (name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "unsupported";
}
