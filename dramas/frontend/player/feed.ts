/** A live line that a screen can show: it gives itself to a video, and leaves it again. It may be given several times. */
export interface Feed {
  attach(video: HTMLVideoElement): void;
  detach(video: HTMLVideoElement): void;
}

/** Sound and pictures of a connection. */
export function feedOf(stream: MediaStream): Feed {
  return {
    attach: (video) => {
      video.srcObject = stream;
    },
    detach: (video) => {
      video.srcObject = null;
    },
  };
}
