/**
 * A page around the product's player that writes down what it shows: every frame's stamp with the true time, every cue, and
 * whether the visible screen had a picture at each repaint. The shop's pages do not load it.
 */
import { ServerClock } from "../../../realtime/frontend/clock.ts";
import type { Playback } from "../../../dramas/frontend/player/playback.ts";
import { Stage } from "../../../dramas/frontend/player/stage.ts";

const CELLS = 16;
const LEFT_SHARE = 20 / 360;
const CELL_SHARE = 20 / 360;
const TOP_ROW = 300 / 640;
const LOW_ROW = 340 / 640;

/** True time on this machine, the same for all its browsers. */
const trueNow = () => performance.timeOrigin + performance.now();
const probe = document.createElement("canvas");
probe.width = 180;
probe.height = 320;
const paint = probe.getContext("2d", { willReadFrequently: true })!;

export interface Stamp {
  episode: number;
  frame: number;
}

/** The stamp in a video's picture, or null when there is none to be read (black, torn, nothing yet). */
function readStamp(video: HTMLVideoElement): Stamp | null {
  if (video.readyState < 2 || video.videoWidth === 0) return null;
  paint.drawImage(video, 0, 0, probe.width, probe.height);
  const high = paint.getImageData(0, Math.round(TOP_ROW * probe.height), probe.width, 1).data;
  const low = paint.getImageData(0, Math.round(LOW_ROW * probe.height), probe.width, 1).data;
  let value = 0;
  for (let cell = 0; cell < CELLS; cell++) {
    const x = Math.round((LEFT_SHARE + (cell + 0.5) * CELL_SHARE) * probe.width);
    const [one, other] = [high[x * 4]!, low[x * 4]!];
    if (Math.abs(one - other) < 80) return null;
    value = value * 2 + (one > other ? 1 : 0);
  }
  return { episode: value >> 12, frame: value & 0xfff };
}

const log = {
  /** [true time shown, episode, frame] of every frame of the visible screen. */
  frames: [] as [number, number, number][],
  /** [true time, 1 when the visible screen has a stamp] at each repaint. */
  repaints: [] as [number, number][],
  /** [cue id, phase, position of the clock, stamp's frame at that moment]. */
  cues: [] as [string, string, number, number][],
  troubles: [] as string[],
  changes: [] as number[],
  offsetErrorMs: 0,
};

const place = document.getElementById("stage")!;
let stage: Stage;

const visible = () => {
  const fronts = [...place.querySelectorAll<HTMLVideoElement>(".stage-screen.is-front video")];
  return fronts.at(-1) ?? null;
};

function watchFrames(video: HTMLVideoElement): void {
  video.requestVideoFrameCallback((_now, frame) => {
    if (video === visible()) {
      const stamp = readStamp(video);
      if (stamp) log.frames.push([performance.timeOrigin + frame.expectedDisplayTime, stamp.episode, stamp.frame]);
    }
    watchFrames(video);
  });
}

function watchRepaints(): void {
  const video = visible();
  log.repaints.push([trueNow(), video && readStamp(video) ? 1 : 0]);
  requestAnimationFrame(watchRepaints);
}

const lab = {
  log,
  open(options: { advances?: boolean } = {}) {
    stage = new Stage(place, { muted: true, ...options });
    for (const video of place.querySelectorAll("video")) watchFrames(video);
    stage.onCue(({ phase, cue, positionMs }) => log.cues.push([cue.id, phase, positionMs, readStamp(visible()!)?.frame ?? -1]));
    stage.onTrouble((trouble) => log.troubles.push(trouble?.kind ?? "over"));
    stage.onChange(() => log.changes.push(trueNow()));
    requestAnimationFrame(watchRepaints);
  },
  load: (playback: Playback, atMs = 0) => stage.load(playback, atMs),
  preload: (playback: Playback, atMs = 0) => stage.preload(playback, atMs),
  swap: (atMs?: number) => stage.swap(atMs === undefined ? undefined : () => atMs),
  play: () => stage.play(),
  seek: (ms: number) => stage.seek(ms),
  stats: () => stage.stats(),
  position: () => stage.positionMs,
  /** Begin to follow a program that started at `startedAtMs` (server time), with a local clock that is wrong by `skewMs`. */
  async follow(options: { clockUrl: string; startedAtMs: number; skewMs: number }) {
    const wrongNow = () => trueNow() + options.skewMs;
    const clock = new ServerClock(wrongNow);
    const socket = new WebSocket(options.clockUrl);
    socket.onmessage = (event: MessageEvent<string>) => {
      const pong = JSON.parse(event.data) as { t: number; server_ms: number };
      clock.sample(pong.t, pong.server_ms, wrongNow());
    };
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error("no clock"));
    });
    const ping = () => socket.send(JSON.stringify({ k: "ping", t: wrongNow() }));
    for (let count = 0; !clock.isReady && count < 100; count++) {
      ping();
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    setInterval(ping, 2_000);
    log.offsetErrorMs = clock.offsetMs + options.skewMs;
    return {
      position: () => clock.serverNow() - options.startedAtMs,
    };
  },
  async watch(playback: Playback, options: { clockUrl: string; startedAtMs: number; skewMs: number }) {
    const program = await lab.follow(options);
    await stage.load(playback, Math.max(0, program.position() + 200));
    await stage.playFrom(program.position());
    stage.follow(() => ({ positionMs: program.position(), rate: 1 }));
  },
  /** The picture stands still for a while, as when the network or the device falters. */
  async stall(ms: number) {
    const video = visible()!;
    video.pause();
    await new Promise((resolve) => setTimeout(resolve, ms));
    await video.play();
  },
  /** Keep the main thread busy: `busyMs` of every 200. */
  burden(busyMs: number) {
    setInterval(() => {
      const until = performance.now() + busyMs;
      while (performance.now() < until);
    }, 200);
  },
};

declare global {
  interface Window {
    lab: typeof lab;
  }
}
window.lab = lab;
