/** The host console: the room's own socket and picture, and the desk beside them. */
import { readState } from "@merchants/design/texts";
import { effect, untracked } from "@preact/signals";
import { render } from "preact";
import { Connection } from "../room/connection";
import { Picture } from "../room/picture";
import { filmFinder, RoomSignalling, type Asked } from "../show/line";
import { App } from "./App";
import { ConsoleContext } from "./context";
import { Desk } from "./desk";
import { listenToKeys } from "./keys";
import { Host } from "./live/host";
import { Numbers } from "./live/numbers";
import { GuestPreview } from "./live/preview";
import { createConsole, GAUGE_LENGTH, type Console } from "./model";
import type { ConsolePage } from "./state";

const TICK_MS = 200;
const SECOND_MS = 1_000;

interface Counted {
  danmaku: number;
  likes: number;
  comments: number;
}

function start(): void {
  const page = readState<ConsolePage>();
  const root = document.getElementById("console");
  if (!root) throw new Error("the page has no #console");
  const model = createConsole(page);
  const counted: Counted = { danmaku: 0, likes: 0, comments: 0 };
  const numbers = new Numbers(model, () => desk);
  const connection = new Connection(model.room, {
    danmaku: () => void counted.danmaku++,
    likes: (_message, gained) => void (counted.likes += gained),
    comment: () => void counted.comments++,
    remove: () => undefined,
    removeAuthor: () => undefined,
    order: () => undefined,
    ghost: () => void counted.danmaku++,
    ghosts: (message) => {
      model.ghosts.value = message.is_over ? null : message;
      if (message.is_over) void desk.refresh();
    },
  }, (socket) => numbers.attach(socket));
  const layer = Object.assign(document.createElement("div"), { className: "stage-picture" });
  const now = () => connection.now();
  const signalling = (asked: Asked) => new RoomSignalling(() => connection.socket, page.urls.ice, asked, now);
  const picture = new Picture(model.room, now, layer, { signalling: signalling({ k: "live.watch" }), findFilm: filmFinder(page.urls.film) });
  const desk = new Desk(model);
  const host = new Host(
    (line) => signalling({ k: "live.publish", line }),
    (line, figures) => numbers.tell(connection.socket, line, figures),
  );
  const preview = new GuestPreview(model, () => connection.socket, signalling({ k: "live.watch" }));

  root.replaceChildren();
  render(
    <ConsoleContext.Provider value={{ model, desk, connection, host, numbers, preview }}>
      <App picture={layer} />
    </ConsoleContext.Provider>,
    root,
  );
  keepTime(model, connection, picture);
  setInterval(() => measure(model, connection, counted), SECOND_MS);
  effect(() => {
    const { revision, guests_revision } = model.room.show.value; // another console, the director, or somebody who asks to come on stage
    void [revision, guests_revision];
    void desk.refresh();
  });
  watchFilter(model, desk, host);
  listenToKeys(model, desk, host);
  connection.open();
  Object.assign(window, { desk: { model, host, numbers, preview, stage: picture.stage } }); // for tests and support
}

function keepTime(model: Console, connection: Connection, picture: Picture): void {
  const tick = () => {
    model.room.nowMs.value = connection.now();
    picture.tick();
  };
  setInterval(tick, TICK_MS);
  tick();
}

/** The end of a filter is noted however it comes; a room that allows none any more takes it off. */
function watchFilter(model: Console, desk: Desk, host: Host): void {
  let wasSoft = false;
  effect(() => {
    const isSoft = host.isSoft.value;
    if (wasSoft && !isSoft) untracked(() => void desk.noteFilter(false));
    wasSoft = isSoft;
  });
  effect(() => {
    if (model.state.value.allows_filters || !host.isSoft.value) return;
    host.soften(false);
    desk.say(model.t("filters_barred"), true);
  });
}

/** One point a second on each gauge, and the connection's round trip. */
function measure(model: Console, connection: Connection, counted: Counted): void {
  const push = (list: number[], value: number) => [...list, value].slice(-GAUGE_LENGTH);
  const { viewers, danmaku, likes, comments } = model.gauges.value;
  model.gauges.value = {
    viewers: push(viewers, model.room.online.value),
    danmaku: push(danmaku, counted.danmaku),
    likes: push(likes, counted.likes),
    comments: push(comments, counted.comments),
  };
  counted.danmaku = counted.likes = counted.comments = 0;
  model.rttMs.value = connection.roundTripMs;
}

start();
