/** One guest: the picture or the first letter of the name, a ring that moves with the voice, the name, and whether they are muted. */
import { Icon } from "@merchants/design/icons";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useStyle } from "./style";

interface TileProps {
  name: string;
  stream: MediaStream | null;
  hasPicture: boolean;
  isMuted: boolean;
  isGone?: boolean;
  isMirrored?: boolean;
  /** 0 for silence. */
  volume: number;
  level: number;
  /** What the mark says to who does not see it. */
  mutedText: string;
  note?: string;
  children?: ComponentChildren;
}

export function GuestTile({ name, stream, hasPicture, isMuted, isGone = false, isMirrored = false, volume, level, mutedText, note = "", children }: TileProps) {
  const media = useRef<HTMLVideoElement>(null);
  const played = useMemo(() => (stream && !hasPicture ? new MediaStream(stream.getAudioTracks()) : stream), [stream, hasPicture]); // an element waits for the picture of a line that has none
  const ring = useStyle<HTMLSpanElement>({ opacity: String(Math.min(1, level * 3)), transform: `scale(${1 + Math.min(0.12, level / 4)})` });
  useLayoutEffect(() => {
    const element = media.current;
    if (!element || element.srcObject === played) return;
    element.srcObject = played;
    element.play().catch(() => undefined); // another stream came first, or the page was not touched yet
  }, [played]);
  useLayoutEffect(() => {
    const element = media.current;
    if (!element) return;
    element.volume = volume;
    element.muted = volume === 0;
    if (element.paused && played) element.play().catch(() => undefined);
  }, [volume, played]);
  return (
    <figure class={`tile${isGone ? " is-gone" : ""}${hasPicture ? "" : " is-voice"}`}>
      <span class="tile-ring" ref={ring} aria-hidden="true" />
      <video ref={media} class={`tile-picture${isMirrored ? " is-mirrored" : ""}`} playsInline tabIndex={-1} />
      {!hasPicture && <span class="tile-letter" aria-hidden="true">{[...name.trim()][0]?.toUpperCase() ?? "·"}</span>}
      <figcaption class="tile-caption">
        <span class="tile-name">{name}{note && <span class="tile-note">{note}</span>}</span>
        {isMuted ? <Icon name="mic-off" size={16} label={mutedText} /> : <Icon name="mic" size={16} />}
      </figcaption>
      {children}
    </figure>
  );
}
