/** The theatre: the picture and what lies on it. The player fills its own layer; Preact never touches the inside. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useRoom } from "../context";
import { useStyle } from "../../show/style";
import { PausedChip, SceneLayer } from "./Scenes";

/** Elements that painters own; they move along when the layout changes between phone and wide. */
export interface Layers {
  picture: HTMLElement;
  danmaku: HTMLElement;
  hearts: HTMLElement;
}

export function makeLayers(): Layers {
  const layer = (name: string) => Object.assign(document.createElement("div"), { className: name });
  return { picture: layer("stage-picture"), danmaku: layer("danmaku"), hearts: layer("hearts") };
}

function Slot({ element }: { element: HTMLElement }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.append(element);
  }, [element]);
  return <div class="slot" ref={place} />;
}

export function Stage({ layers, children }: { layers: Layers; children: ComponentChildren }) {
  const { room } = useRoom();
  const poster = posterOf(room);
  const hidden = room.picture.value !== "playing" || room.scene.value === "scheduled" || room.scene.value === "ended";
  return (
    <div class={`theatre scene-${room.scene.value} picture-${room.picture.value}`}>
      <Poster url={poster} isShown={hidden} />
      <Slot element={layers.picture} />
      <SceneLayer />
      <Slot element={layers.danmaku} />
      <PausedChip />
      {children}
      <Slot element={layers.hearts} />
    </div>
  );
}

function posterOf(room: ReturnType<typeof useRoom>["room"]): string {
  const first = room.season.value?.episodes[0];
  return room.playback.value?.poster_url || room.episode.value?.poster_url || first?.poster_url || "";
}

function Poster({ url, isShown }: { url: string; isShown: boolean }) {
  const picture = useStyle<HTMLDivElement>({ "background-image": url ? `url("${encodeURI(url)}")` : "none" });
  return <div class={`poster${isShown ? " is-shown" : ""}`} ref={picture} aria-hidden="true" />;
}

/** The same picture, blurred, fills what a portrait stage leaves free. */
export function Backdrop() {
  const { room } = useRoom();
  const url = posterOf(room);
  const picture = useStyle<HTMLDivElement>({ "background-image": url ? `url("${encodeURI(url)}")` : "none" });
  return <div class="backdrop" ref={picture} aria-hidden="true" />;
}
