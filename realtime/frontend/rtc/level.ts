/** How loud a stream is, as a bar shows it: 0 for silence, 1 for the loudest there is. */

const QUIETEST_DB = -60;
const EVERY_MS = 80;

export class LevelMeter {
  private context: AudioContext | null = null;
  private source: MediaStreamAudioSourceNode | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly onLevel: (level: number) => void) {}

  /** Measure another stream; null for none. Called inside a press, or the browser lets no sound in. */
  measure(stream: MediaStream | null): void {
    clearInterval(this.timer);
    this.source?.disconnect();
    this.source = null;
    this.onLevel(0);
    if (!stream || stream.getAudioTracks().length === 0) return;
    this.context ??= new AudioContext();
    void this.context.resume();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    this.source = this.context.createMediaStreamSource(stream);
    this.source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.onLevel(levelOf(samples));
    }, EVERY_MS);
  }
}

/** Effective value in decibels, from -60 to 0, as a share. Pure. */
export function levelOf(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < samples.length; index++) sum += samples[index]! ** 2;
  const effective = Math.sqrt(sum / Math.max(1, samples.length));
  return effective <= 0 ? 0 : Math.min(1, Math.max(0, 1 - (20 * Math.log10(effective)) / QUIETEST_DB));
}
