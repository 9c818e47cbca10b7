/** The episode as a phone shows it: picture, captions, and the card that is up. */
import { Icon } from "@merchants/design/icons";
import { fill, type Texts } from "@merchants/design/texts";
import type { Signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { Stage, type Playback } from "../player/stage";
import type { Cue } from "../player/playback";
import type { ProductChoice } from "./state";
import { formatTimecode } from "./timecode";

interface PhoneProps {
  playback: Playback;
  positionMs: Signal<number>;
  card: Cue | null;
  product: ProductChoice | null;
  frameMs: number;
  texts: Texts;
  onStage: (stage: Stage) => void;
}

export function Phone({ playback, positionMs, card, product, frameMs, texts, onStage }: PhoneProps) {
  const screen = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage | null>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [isMuted, setMuted] = useState(true);
  const [isTroubled, setTroubled] = useState(false);

  useEffect(() => {
    const made = new Stage(screen.current!, { muted: true });
    stage.current = made;
    onStage(made);
    made.captions = document.documentElement.lang;
    made.onTrouble((trouble) => setTroubled(trouble !== null));
    made.onMuted(({ muted }) => setMuted(muted));
    made.onEnd(() => setPlaying(false));
    void made.load(playback, 0);
    let handle = requestAnimationFrame(function read() {
      positionMs.value = made.positionMs;
      setPlaying(made.isPlaying);
      handle = requestAnimationFrame(read);
    });
    return () => {
      cancelAnimationFrame(handle);
      made.dispose();
    };
  }, [playback]);

  const toggle = () => (stage.current?.isPlaying ? stage.current.pause() : void stage.current?.play());
  const step = (frames: number) => {
    stage.current?.pause();
    stage.current?.seek(positionMs.value + frames * frameMs);
  };
  return (
    <div class="phone-column">
      <div class="phone">
        <div class="phone-screen" ref={screen} />
        <span class="phone-badges"><span class="badge">{playback.number}</span><span class="badge">{texts["ad"]}</span></span>
        {isTroubled && <p class="phone-trouble" role="status">{texts["gone"]}</p>}
        {card && product && <PhoneCard key={card.id} cue={card} product={product} positionMs={positionMs.value} texts={texts} />}
      </div>
      <div class="phone-controls">
        <button type="button" class="icon-button" aria-label={texts["frame_back"]} onClick={() => step(-1)}><Icon name="previous" size={18} /></button>
        <button type="button" class="icon-button phone-play" aria-label={isPlaying ? texts["pause"] : texts["play"]} onClick={toggle}><Icon name={isPlaying ? "pause" : "play"} size={18} /></button>
        <button type="button" class="icon-button" aria-label={texts["frame_on"]} onClick={() => step(1)}><Icon name="next" size={18} /></button>
        <button type="button" class="icon-button" aria-label={isMuted ? texts["sound_on"] : texts["sound_off"]} onClick={() => stage.current && (stage.current.muted = !isMuted)}>
          <Icon name={isMuted ? "volume-off" : "volume"} size={18} />
        </button>
      </div>
      <p class="phone-time mono"><b>{formatTimecode(positionMs.value)}</b> / {formatTimecode(playback.duration_ms)}</p>
    </div>
  );
}

function PhoneCard({ cue, product, positionMs, texts }: { cue: Cue; product: ProductChoice; positionMs: number; texts: Texts }) {
  const line = typeof cue.payload["line"] === "string" ? cue.payload["line"] : "";
  return (
    <div class="phone-card">
      {product.image_url ? <img src={product.image_url} alt="" width={48} height={48} /> : <span class="phone-card-blank" />}
      <span class="phone-card-text">
        <b class="clip">{product.title}</b>
        <small class="clip">{product.price}{product.is_limited && `, ${fill(texts["stock"]!, { count: product.available })}`}</small>
        {line && <small class="clip-2">{line}</small>}
      </span>
      <span class="phone-buy">{texts["buy"]}</span>
      <progress class="phone-left" max={cue.duration_ms} value={cue.at_ms + cue.duration_ms - positionMs} aria-hidden="true" />
    </div>
  );
}
