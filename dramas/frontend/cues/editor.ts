/** The editor's state and what can be done to it. Every change goes to the server at once; it answers with all cues. */
import { callApi, type ApiError } from "@merchants/design/api";
import { computed, signal } from "@preact/signals";
import type { Cue } from "../player/playback";
import { frameMs, type EditorState } from "./state";
import { formatTimecode } from "./timecode";

const DEFAULT_STAY_MS = 15_000;
const SHORTEST_STAY_MS = 1_000;

interface Answer {
  id: string | null;
  cues: Cue[];
}

export type Saving = { kind: "idle" | "saving" | "saved" } | { kind: "refused"; message: string; field: string };

export class Editor {
  readonly cues;
  readonly selectedId = signal<string | null>(null);
  readonly positionMs = signal(0);
  readonly saving = signal<Saving>({ kind: "idle" });
  readonly selected = computed(() => this.cues.value.find((cue) => cue.id === this.selectedId.value) ?? null);
  readonly frameMs: number;

  constructor(readonly state: EditorState) {
    this.cues = signal<Cue[]>(state.cues);
    this.frameMs = frameMs(state.frame_rate);
    const wanted = location.hash.replace("#cue-", "");
    this.selectedId.value = state.cues.find((cue) => cue.id === wanted)?.id ?? state.cues[0]?.id ?? null;
  }

  get durationMs(): number {
    return this.state.duration_ms;
  }

  product(id: string | null) {
    return this.state.products.find((product) => product.id === id) ?? null;
  }

  /** The card that is up at a position; a later one takes the place of an earlier one. */
  cardAt(positionMs: number): Cue | null {
    return this.cues.value.filter((cue) => cue.at_ms <= positionMs && positionMs < cue.at_ms + cue.duration_ms).at(-1) ?? null;
  }

  snap(ms: number): number {
    return Math.round(Math.round(ms / this.frameMs) * this.frameMs);
  }

  /** Move or change a cue on the screen only; `save` keeps it. */
  draw(id: string, change: Partial<Cue>): void {
    this.cues.value = this.cues.value.map((cue) => (cue.id === id ? { ...cue, ...change } : cue));
  }

  async addAtPlayhead(): Promise<void> {
    const product = this.state.products[0];
    if (!product) return this.refuse(this.state.texts["no_products"]!, "product_id");
    const latest = Math.max(0, this.durationMs - SHORTEST_STAY_MS);
    const atMs = Math.min(this.snap(this.positionMs.value), latest);
    const cue = { kind: "card", at_ms: atMs, duration_ms: Math.min(DEFAULT_STAY_MS, this.durationMs - atMs), product_id: product.id, payload: { line: "" } };
    await this.send("POST", this.state.cues_url, cue);
  }

  async save(id: string, change: Partial<Cue> = {}): Promise<void> {
    this.draw(id, change);
    const cue = this.cues.value.find((one) => one.id === id);
    if (cue) await this.send("PUT", `/api/v1/office/cues/${id}/`, cue);
  }

  async remove(id: string): Promise<void> {
    const place = this.cues.value.findIndex((cue) => cue.id === id);
    await this.send("DELETE", `/api/v1/office/cues/${id}/`);
    this.selectedId.value = (this.cues.value[place] ?? this.cues.value[place - 1])?.id ?? null;
  }

  refuse(message: string, field: string): void {
    this.saving.value = { kind: "refused", message, field };
  }

  private async send(method: string, url: string, cue?: Omit<Cue, "id">): Promise<void> {
    this.saving.value = { kind: "saving" };
    const body = cue && { kind: cue.kind, at: formatTimecode(cue.at_ms), duration_ms: cue.duration_ms, product_id: cue.product_id, payload: cue.payload };
    try {
      const answer = await callApi<Answer>(url, { method, body, networkText: this.state.texts["offline"]! });
      this.cues.value = answer.cues;
      if (answer.id) this.selectedId.value = answer.id;
      this.saving.value = { kind: "saved" };
    } catch (error) {
      const refusal = error as ApiError;
      this.refuse(refusal.message, String(refusal.params?.["field"] ?? ""));
    }
  }
}
