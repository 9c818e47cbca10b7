/** The replay page. */
import { readState } from "@merchants/design/texts";
import { effect } from "@preact/signals";
import { render } from "preact";
import { DanmakuPainter } from "../show/danmaku";
import { prefer, preferences } from "../show/preferences";
import { App } from "./App";
import { ReplayContext } from "./context";
import { Crowd } from "./crowd";
import { measureReplay } from "./measure";
import { createReplay } from "./model";
import { Reel } from "./reel";
import type { ReplayPage } from "./state";

function start(): void {
  const page = readState<ReplayPage>();
  const root = document.getElementById("replay");
  if (!root) throw new Error("the page has no #replay");
  if (preferences.value.captions === null) prefer({ captions: page.language });

  const replay = createReplay(page);
  const layers = { picture: layer("stage-picture"), danmaku: layer("danmaku") };
  const painter = new DanmakuPainter(layers.danmaku);
  const reel = new Reel(replay, layers.picture);
  const crowd = new Crowd(replay, painter);
  reel.onTick((_atMs, hasJumped) => crowd.advance(hasJumped));
  effect(() => painter.setOn(preferences.value.isDanmakuOn));
  effect(() => painter.setOpacity(preferences.value.danmakuOpacity));
  effect(() => painter.setPaused(!replay.isPlaying.value));

  root.replaceChildren();
  render(
    <ReplayContext.Provider value={{ replay, reel }}>
      <App layers={layers} />
    </ReplayContext.Provider>,
    root,
  );
  listenToKeys(reel);
  measureReplay(replay, reel);
  void reel.start();
  Object.assign(window, { replay: { model: replay, stage: reel.stage } }); // for tests and support
}

function layer(name: string): HTMLElement {
  return Object.assign(document.createElement("div"), { className: name });
}

function listenToKeys(reel: Reel): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (event.ctrlKey || event.metaKey || event.altKey || target?.closest("input, textarea, [role=dialog]")) return;
    if (event.key === " " && !target?.closest("button, a")) {
      event.preventDefault();
      reel.toggle();
    } else if (event.key === "m") reel.stage.muted = !reel.stage.muted;
    else if (event.key === "d") prefer({ isDanmakuOn: !preferences.value.isDanmakuOn });
  });
}

start();
