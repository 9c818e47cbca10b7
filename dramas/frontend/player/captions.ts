/** Captions drawn by us, above the cards and below the faces, from tracks that the browser reads and times. */
import type { CaptionSource } from "./playback";

export class CaptionLine {
  readonly element: HTMLElement;
  private tracks: HTMLTrackElement[] = [];
  private language = "";

  constructor(private readonly video: HTMLVideoElement) {
    this.element = document.createElement("div");
    this.element.className = "stage-captions";
    this.element.hidden = true;
  }

  /** Replace the tracks; the chosen language is kept when the new ones have it. */
  set(sources: readonly CaptionSource[]): void {
    for (const track of this.tracks) track.remove();
    this.tracks = sources.map((source) => this.attach(source));
    this.show(null);
    this.choose(this.language);
  }

  /** Show one language; an empty string shows none. `zh` finds `zh-Hans` and the reverse. */
  choose(language: string): void {
    this.language = language;
    const chosen = findLanguage(this.tracks.map((track) => track.srclang), language);
    for (const track of this.tracks) track.track.mode = track.srclang === chosen ? "hidden" : "disabled";
    if (chosen === null) this.show(null);
  }

  private attach(source: CaptionSource): HTMLTrackElement {
    const track = document.createElement("track");
    track.kind = "subtitles";
    track.srclang = source.lang;
    track.label = source.label;
    track.src = source.url;
    this.video.append(track);
    track.track.mode = "disabled";
    track.track.addEventListener("cuechange", () => track.srclang === findLanguage([track.srclang], this.language) && this.show(track.track.activeCues));
    return track;
  }

  private show(cues: TextTrackCueList | null): void {
    const lines = [...(cues ?? [])].map((cue) => (cue as VTTCue).getCueAsHTML());
    this.element.hidden = lines.length === 0;
    this.element.replaceChildren(...lines.map(asLine));
  }
}

function asLine(text: DocumentFragment): HTMLElement {
  const line = document.createElement("p");
  line.append(text);
  return line;
}

/** The offered language that serves a reader of `wanted`, or null. */
export function findLanguage(offered: readonly string[], wanted: string): string | null {
  if (wanted === "") return null;
  const tag = wanted.toLowerCase();
  const exact = offered.find((language) => language.toLowerCase() === tag);
  return exact ?? offered.find((language) => language.toLowerCase().split("-")[0] === tag.split("-")[0]) ?? null;
}
