/** What a video that shows a film can say of its picture, read about once a second. */
import type { LineFigures } from "./figures";

export type FilmFigures = Pick<LineFigures, "width" | "height" | "framesPerS" | "freezes" | "frozenMs" | "lostShare" | "decodeMs" | "bufferedMs" | "roundTripMs">;

/** A picture that has not moved for this long is seen to stand. */
const STANDS_MS = 300;

type Shown = Pick<HTMLVideoElement, "videoWidth" | "videoHeight" | "currentTime" | "buffered" | "getVideoPlaybackQuality">;

export class FilmMeter {
  private atMs = -1;
  private frames = 0;
  private freezes = 0;
  private frozenMs = 0;
  private isStanding = false;

  /** `stoodMs`: since the picture last moved. Sums begin with this meter. */
  read(video: Shown, stoodMs: number, atMs: number): FilmFigures {
    const frames = video.getVideoPlaybackQuality().totalVideoFrames;
    const tookMs = this.atMs < 0 ? 0 : atMs - this.atMs;
    const shown = Math.max(0, frames - this.frames);
    const isStanding = stoodMs > STANDS_MS;
    if (isStanding && !this.isStanding) this.freezes++;
    if (isStanding) this.frozenMs += Math.min(stoodMs, tookMs || stoodMs);
    const isFirst = this.atMs < 0;
    [this.atMs, this.frames, this.isStanding] = [atMs, frames, isStanding];
    const { buffered } = video;
    const heldS = buffered.length > 0 ? buffered.end(buffered.length - 1) - video.currentTime : 0;
    return {
      width: video.videoWidth,
      height: video.videoHeight,
      framesPerS: isFirst || tookMs <= 0 ? 0 : Math.round((shown * 1000) / tookMs),
      freezes: this.freezes,
      frozenMs: this.frozenMs,
      lostShare: 0,
      decodeMs: 0,
      bufferedMs: Math.max(0, heldS * 1000),
      roundTripMs: null,
    };
  }
}
