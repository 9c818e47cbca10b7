/** The host's own camera, screen or film: opened for the host's eyes first, sent when the host says so. */
import { computed, signal } from "@preact/signals";
import type { LineFigures } from "@realtime/rtc/figures";
import { LevelMeter } from "@realtime/rtc/level";
import { PublishingLine, type PublishState } from "@realtime/rtc/publishing";
import type { Signalling } from "@realtime/rtc/signalling";
import { SoftPicture } from "@realtime/rtc/softening";
import { listDevices, openCamera, openFile, openScreen, SourceError, type Devices, type Source, type SourceKind, type SourceProblem } from "@realtime/rtc/sources";

export type Role = "primary" | "backup";
/** `gone`: what was open has ended by itself: unplugged, or the sharing was stopped in the browser's own bar. */
export type HostProblem = { kind: SourceKind; problem: SourceProblem | "gone" };

export class Host {
  readonly source = signal<Source | null>(null);
  readonly opening = signal<SourceKind | null>(null);
  readonly problem = signal<HostProblem | null>(null);
  readonly devices = signal<Devices>({ cameras: [], microphones: [] });
  readonly cameraId = signal("");
  readonly microphoneId = signal("");
  readonly level = signal(0);
  readonly role = signal<Role>("primary");
  readonly sending = signal<PublishState>("off");
  /** Code of what ended a line that failed. */
  readonly refusal = signal("");
  readonly figures = signal<LineFigures | null>(null);
  /** The camera is shown and sent softened. */
  readonly isSoft = signal(false);
  /** What is sent, and what the host sees. */
  readonly picture = signal<MediaStream | null>(null);
  readonly isConnected = computed(() => this.sending.value !== "off" && this.sending.value !== "failed");

  private readonly meter = new LevelMeter((level) => {
    this.level.value = level;
  });
  private line: PublishingLine | null = null;
  private soft: SoftPicture | null = null;

  constructor(
    private readonly signalling: (role: Role) => Signalling,
    private readonly tell: (role: Role, figures: LineFigures) => void = () => undefined,
  ) {
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.look());
  }

  /** Open a source for the host alone; one that is being sent gives way to it on the same line. */
  async open(kind: SourceKind, file?: File): Promise<boolean> {
    if (this.opening.value) return false;
    this.opening.value = kind;
    this.problem.value = null;
    try {
      await this.take(await this.find(kind, file));
      void this.look();
      return true;
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      if (error.problem !== "cancelled") this.problem.value = { kind, problem: error.problem };
      return false;
    } finally {
      this.opening.value = null;
    }
  }

  /** Another camera or microphone, at once. */
  async choose(cameraId: string, microphoneId: string): Promise<void> {
    this.cameraId.value = cameraId;
    this.microphoneId.value = microphoneId;
    if (this.source.value?.kind === "camera") await this.open("camera");
  }

  /** Send what stands in the preview. Nobody sees it before it is taken on air. */
  async connect(): Promise<void> {
    const source = this.source.value;
    if (!source || this.isConnected.value) return;
    this.refusal.value = "";
    this.line = new PublishingLine(this.signalling(this.role.value), {
      state: (state, code) => {
        this.sending.value = state;
        this.refusal.value = code;
        if (state !== "sending") this.figures.value = null;
      },
      figures: (figures) => {
        this.figures.value = figures;
        this.tell(this.role.value, figures);
      },
    });
    await this.line.start(this.picture.value ?? source.stream);
  }

  /** Send the camera softened, or as it is. */
  soften(isOn: boolean): void {
    const source = this.source.value;
    if (!source || isOn === this.isSoft.value) return;
    this.show(source, isOn);
    void this.line?.replace(this.picture.value ?? source.stream);
  }

  disconnect(): void {
    this.line?.stop();
    this.line = null;
    this.sending.value = "off";
    this.figures.value = null;
  }

  /** Let go of the camera: its light goes out. */
  close(): void {
    this.disconnect();
    this.meter.measure(null);
    this.source.value?.release();
    this.source.value = null;
    this.show(null, false);
  }

  private show(source: Source | null, isSoft: boolean): void {
    this.soft?.release();
    this.soft = source && isSoft ? new SoftPicture(source.stream) : null;
    this.picture.value = this.soft?.stream ?? source?.stream ?? null;
    this.isSoft.value = this.soft !== null;
  }

  private find(kind: SourceKind, file: File | undefined): Promise<Source> {
    if (kind === "file") return file ? openFile(file) : Promise.reject(new SourceError("cancelled"));
    return kind === "screen" ? openScreen(this.microphoneId.value) : openCamera(this.cameraId.value, this.microphoneId.value);
  }

  private async take(source: Source): Promise<void> {
    const old = this.source.value;
    this.source.value = source;
    this.meter.measure(source.stream);
    source.stream.getVideoTracks()[0]?.addEventListener("ended", () => this.lose(source));
    this.show(source, this.isSoft.value && source.kind === "camera");
    await this.line?.replace(this.picture.value ?? source.stream);
    old?.release();
  }

  private lose(source: Source): void {
    if (this.source.value !== source) return;
    this.problem.value = { kind: source.kind, problem: "gone" };
    this.close();
  }

  private async look(): Promise<void> {
    this.devices.value = await listDevices();
    const settings = (kind: "Video" | "Audio") => this.source.value?.stream[`get${kind}Tracks`]()[0]?.getSettings().deviceId ?? "";
    if (this.source.value?.kind !== "camera") return;
    this.cameraId.value ||= settings("Video");
    this.microphoneId.value ||= settings("Audio");
  }
}
