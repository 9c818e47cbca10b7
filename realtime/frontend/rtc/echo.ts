/** Hear yourself before others do: three seconds of the microphone are kept and played, and never leave the page. */
import { levelOf } from "./level";

const SPEAKS_MS = 3_000;
const LOOK_EVERY_MS = 60;
/** Levels as the bar shows them. Below the first nothing was said; an echo is almost as loud as the voice was. */
const QUIET = 0.2;
const ECHO_SHARE = 0.85;

export type EchoStep = "speak" | "listen";
export type EchoVerdict = "good" | "silent" | "echo" | "unplayable";

/** Levels of the microphone while the host spoke, and while the voice came from the speakers. Pure. */
export function judgeEcho(spoken: readonly number[], returned: readonly number[]): EchoVerdict {
  const voice = loud(spoken);
  if (voice < QUIET) return "silent";
  return returned.length > 0 && loud(returned) >= voice * ECHO_SHARE ? "echo" : "good";
}

/** Without the loudest tenth, which may be a knock. */
function loud(levels: readonly number[]): number {
  const ordered = [...levels].sort((one, other) => one - other);
  return ordered[Math.floor(ordered.length * 0.9)] ?? 0;
}

export class EchoTest {
  private readonly context = new AudioContext();

  constructor(private readonly stream: MediaStream, private readonly onStep: (step: EchoStep) => void) {}

  /** Called inside a press, or the browser lets no sound out. */
  async run(): Promise<EchoVerdict> {
    try {
      await this.context.resume();
      this.onStep("speak");
      const [voice, spoken] = await Promise.all([this.record(), this.listen(SPEAKS_MS)]);
      if (judgeEcho(spoken, []) === "silent") return "silent";
      this.onStep("listen");
      const sound = await this.context.decodeAudioData(await voice.arrayBuffer());
      return judgeEcho(spoken, await this.play(sound));
    } catch (error) {
      if (error instanceof DOMException) return "unplayable"; // no codec, or the microphone went away
      throw error;
    } finally {
      await this.context.close();
    }
  }

  private record(): Promise<Blob> {
    const recorder = new MediaRecorder(new MediaStream(this.stream.getAudioTracks()));
    const pieces: Blob[] = [];
    return new Promise((resolve, reject) => {
      recorder.ondataavailable = (event) => pieces.push(event.data);
      recorder.onstop = () => resolve(new Blob(pieces, { type: recorder.mimeType }));
      recorder.onerror = () => reject(new DOMException("not recorded", "NotReadableError"));
      recorder.start();
      setTimeout(() => recorder.state !== "inactive" && recorder.stop(), SPEAKS_MS);
    });
  }

  private async play(sound: AudioBuffer): Promise<number[]> {
    const player = this.context.createBufferSource();
    player.buffer = sound;
    player.connect(this.context.destination);
    player.start();
    return this.listen(sound.duration * 1000);
  }

  /** The microphone's levels for so long. */
  private listen(forMs: number): Promise<number[]> {
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    const source = this.context.createMediaStreamSource(this.stream);
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const levels: number[] = [];
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      levels.push(levelOf(samples));
    }, LOOK_EVERY_MS);
    return new Promise((resolve) =>
      setTimeout(() => {
        clearInterval(timer);
        source.disconnect();
        resolve(levels);
      }, forMs),
    );
  }
}
