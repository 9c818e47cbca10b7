/** A softer, slightly brighter picture of a camera, painted on a canvas and sent in its place. Sound passes untouched. */

const PICTURES_PER_S = 30;
/** The blurred picture lies over the sharp one at this strength: skin softens, edges stay. */
const SOFT_SHARE = 0.45;
const BRIGHTER = "brightness(1.06)";
const SOFT = "brightness(1.06) blur(2px)";

type Timed = HTMLVideoElement & { requestVideoFrameCallback?: (act: () => void) => number };

export function canSoften(): boolean {
  return typeof CanvasRenderingContext2D !== "undefined" && "filter" in CanvasRenderingContext2D.prototype;
}

export class SoftPicture {
  readonly stream: MediaStream;
  private readonly video: Timed;
  private readonly canvas = document.createElement("canvas");
  private isOver = false;

  /** Needs: `canSoften`. */
  constructor(source: MediaStream) {
    this.video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, srcObject: new MediaStream(source.getVideoTracks()) });
    const { width = 1280, height = 720 } = source.getVideoTracks()[0]?.getSettings() ?? {};
    Object.assign(this.canvas, { width, height });
    this.stream = this.canvas.captureStream(PICTURES_PER_S);
    for (const track of source.getAudioTracks()) this.stream.addTrack(track);
    this.video.play().then(() => this.next(), () => undefined); // released before it began
  }

  release(): void {
    this.isOver = true;
    this.video.srcObject = null;
    for (const track of this.stream.getVideoTracks()) track.stop(); // the sound belongs to the source
  }

  private next(): void {
    if (this.isOver) return;
    const paint = () => {
      this.paint();
      this.next();
    };
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(paint);
    else setTimeout(paint, 1000 / PICTURES_PER_S);
  }

  private paint(): void {
    const { canvas, video } = this;
    const pen = canvas.getContext("2d");
    if (this.isOver || !pen || !video.videoWidth) return;
    if (canvas.width !== video.videoWidth || canvas.height !== video.videoHeight) Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
    pen.globalAlpha = 1;
    pen.filter = BRIGHTER;
    pen.drawImage(video, 0, 0);
    pen.globalAlpha = SOFT_SHARE;
    pen.filter = SOFT;
    pen.drawImage(video, 0, 0);
  }
}
