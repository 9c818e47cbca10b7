// Runs before a page's own scripts: writes down which stamped frame stands on the screen, and when a card rises.
// SKEW_MS is set in front of this file: the device's clock is wrong by that much, as a phone's can be.
(() => {
  const CELLS = 16, LEFT = 20 / 360, CELL = 20 / 360, TOP = 280 / 640, HEIGHT = 80 / 640, KEPT = 900;
  const trueOrigin = performance.timeOrigin;
  const canvas = Object.assign(document.createElement("canvas"), { width: 180, height: 40 });
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const watching = { frames: [], cards: [], repaints: [] };
  window.watching = watching;

  const front = () => [...document.querySelectorAll(".stage-screen.is-front video")].at(-1) ?? null;

  /** [episode, frame] of a video's picture, or null when it shows no whole stamp. */
  function read(video) {
    if (!video || video.readyState < 2 || !video.videoWidth) return null;
    brush.drawImage(video, 0, TOP * video.videoHeight, video.videoWidth, HEIGHT * video.videoHeight, 0, 0, 180, 40);
    const pixels = brush.getImageData(0, 0, 180, 40).data;
    let value = 0;
    for (let cell = 0; cell < CELLS; cell++) {
      const x = Math.round((LEFT + (cell + 0.5) * CELL) * 180);
      const high = pixels[(10 * 180 + x) * 4], low = pixels[(30 * 180 + x) * 4];
      if (Math.abs(high - low) < 80) return null;
      value = value * 2 + (high > low ? 1 : 0);
    }
    return [value >> 12, value & 0xfff];
  }
  watching.now = () => read(front());

  /** From now on: [true time, episode, frame] of what stands on the screen at each repaint; episode -1 where no stamp can be read. */
  watching.watchRepaints = () => {
    watching.repaints.length = 0;
    let last = null;
    const look = () => {
      const video = front();
      // While a place is sought, the picture that was shown last stands, which a canvas cannot read.
      const stands = video?.seeking && video.getVideoPlaybackQuality().totalVideoFrames > 0;
      const stamp = read(video) ?? (stands ? last : null);
      last = stamp;
      watching.repaints.push([trueOrigin + performance.now(), ...(stamp ?? [-1, -1])]);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  };

  /** Each frame with the true time at which it is shown, the same for all pages of this machine. */
  function follow(video) {
    video.requestVideoFrameCallback((_now, frame) => {
      const stamp = video === front() ? read(video) : null;
      if (stamp) watching.frames.push([trueOrigin + frame.expectedDisplayTime, ...stamp]);
      if (watching.frames.length > KEPT) watching.frames.shift();
      follow(video);
    });
  }
  const known = new WeakSet();
  setInterval(() => {
    for (const video of document.querySelectorAll(".stage-screen video")) {
      if (known.has(video)) continue;
      known.add(video);
      follow(video);
    }
  }, 100);

  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        const card = node instanceof Element && (node.matches("section.card") ? node : node.querySelector("section.card"));
        const stamp = card && watching.now();
        if (stamp) watching.cards.push(stamp);
      }
    }
  }).observe(document, { childList: true, subtree: true });

  if (SKEW_MS) {
    const Real = Date;
    Object.defineProperty(performance, "timeOrigin", { get: () => trueOrigin + SKEW_MS });
    window.Date = class extends Real {
      constructor(...given) {
        super(...(given.length ? given : [Real.now() + SKEW_MS]));
      }
      static now() {
        return Real.now() + SKEW_MS;
      }
    };
  }
})();
