/** What the widget knows: the upload in this window, and the server's work on the episode. */
import { ApiError, callApi } from "@merchants/design/api";
import { RoomSocket } from "@realtime/socket";
import { computed, signal } from "@preact/signals";
import type { UploadState, Work } from "./state";
import { sendByBrowser } from "./transport";
import { fingerprintOf, Upload, type Phase, type UploadRefused } from "./upload";

const POLL_MS = 3_000;
const AT_WORK = new Set(["waiting", "transcoding", "preview"]);

export interface Sending {
  phase: Phase;
  name: string;
  size: number;
  sent: number;
  /** Bytes a second over the last seconds; 0 while unknown. */
  speed: number;
}

export class Model {
  readonly work;
  readonly sending = signal<Sending | null>(null);
  /** A sentence about what went wrong in this window; empty otherwise. */
  readonly problem = signal("");
  readonly isAtWork = computed(() => AT_WORK.has(this.work.value.state));
  private upload: Upload | null = null;
  private marks: { at: number; sent: number }[] = [];

  constructor(readonly state: UploadState) {
    this.work = signal<Work>(state.work);
  }

  /** Hear the office's socket, and ask now and then while it is silent. */
  watch(): void {
    const socket = new RoomSocket({ url: "/ws/office/" });
    socket.on("episode.progress", (news) => {
      if (news.episode_id !== this.work.value.episode_id) return;
      const isEnd = news.state === "failed" || news.state === "ready";
      const state = news.state as Work["state"];
      this.work.value = { ...this.work.value, state, step: news.step, percent: news.percent, error_code: news.error, error: isEnd ? this.work.value.error : "", can_cancel: !isEnd, can_retry: false };
      if (isEnd) void this.refresh();
    });
    socket.open();
    setInterval(() => {
      if (socket.status !== "open" && this.isAtWork.value && !document.hidden) void this.refresh();
    }, POLL_MS);
    addEventListener("beforeunload", (event) => {
      if (this.sending.value && ["sending", "checking", "waiting"].includes(this.sending.value.phase)) event.preventDefault();
    });
  }

  async refresh(): Promise<void> {
    try {
      this.work.value = await callApi<Work>(this.state.work_url);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the next poll or message brings the news
    }
  }

  /** Send `file`; one that the server has in part goes on there. */
  take(file: File): void {
    this.problem.value = "";
    if (file.size === 0) return void (this.problem.value = this.text("empty"));
    if (file.size > this.state.max_bytes) return void (this.problem.value = this.text("too_large"));
    this.marks = [];
    const upload = new Upload({
      file,
      episodeId: this.work.value.episode_id,
      uploadsUrl: this.state.uploads_url,
      transport: sendByBrowser,
      onChange: (phase, sent, refusal) => this.upload === upload && this.note(file, phase, sent, refusal),
    });
    this.upload = upload;
    void upload.start();
  }

  pause(): void {
    this.upload?.pause();
  }

  resume(): void {
    void this.upload?.start();
  }

  async cancelUpload(): Promise<void> {
    await this.upload?.cancel();
    await this.refresh();
  }

  /** Let the server forget an upload that another page or day began. */
  async forget(): Promise<void> {
    const open = this.work.value.upload;
    if (open) await sendByBrowser({ method: "DELETE", url: `${this.state.uploads_url}${open.id}/`, headers: { "Tus-Resumable": "1.0.0" } }, () => {}, new AbortController().signal).catch(() => {});
    await this.refresh();
  }

  retry = (): Promise<void> => this.post("retry/");
  cancelWork = (): Promise<void> => this.post("cancel/");

  /** Whether `file` is the one whose upload is open. */
  continues(file: File): boolean {
    return this.work.value.upload?.fingerprint === fingerprintOf(file);
  }

  text(key: string): string {
    return this.state.texts[key] ?? key;
  }

  private async post(what: string): Promise<void> {
    this.problem.value = "";
    try {
      this.work.value = await callApi<Work>(`${this.state.work_url}${what}`, { method: "POST", networkText: this.text("offline") });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem.value = error.message || this.text("offline");
    }
  }

  private note(file: File, phase: Phase, sent: number, refusal: UploadRefused | null): void {
    if (phase === "refused" || phase === "cancelled" || phase === "done") {
      this.sending.value = null;
      this.problem.value = refusal ? refusal.message || this.text("offline") : "";
      if (phase !== "cancelled") void this.refresh();
      return;
    }
    this.sending.value = { phase, name: file.name, size: file.size, sent, speed: this.speed(sent) };
  }

  private speed(sent: number): number {
    const now = performance.now();
    this.marks = [...this.marks.filter((mark) => now - mark.at < 5_000), { at: now, sent }];
    const first = this.marks[0]!;
    return now - first.at > 500 ? Math.max(0, ((sent - first.sent) * 1000) / (now - first.at)) : 0;
  }
}
