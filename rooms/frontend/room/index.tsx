/** The room page: reads the state that the server wrote, opens the socket, starts the picture, draws. */
import { choosesRenditions } from "@dramas/player/screen";
import { readState } from "@merchants/design/texts";
import { effect } from "@preact/signals";
import { render } from "preact";
import { Announcer } from "../show/announcer";
import { DanmakuPainter } from "../show/danmaku";
import { Hearts } from "../show/hearts";
import { filmFinder, RoomSignalling, type Asked } from "../show/line";
import type { RoomPage } from "../show/page";
import { prefer, preferences } from "../show/preferences";
import { makeActs } from "./acts";
import { Connection } from "./connection";
import { RoomContext } from "./context";
import { tellExposures } from "./exposures";
import { listenToKeys } from "./keys";
import { measureRoom } from "./measure";
import { createRoom, type Room } from "./model";
import { Picture } from "./picture";
import { Reporter } from "./reporting";
import { GuestLines } from "./stage/lines";
import { OwnStage } from "./stage/own";
import { App } from "./view/App";
import { makeLayers } from "./view/Stage";

const TICK_MS = 250;
const HEARTS_OF_THE_CROWD = 3;

function start(): void {
  const page = readState<RoomPage>();
  const root = document.getElementById("room");
  if (!root) throw new Error("the page has no #room");
  if (preferences.value.captions === null) prefer({ captions: page.language });

  const room = createRoom(page);
  const layers = makeLayers();
  const danmaku = new DanmakuPainter(layers.danmaku);
  const hearts = new Hearts(layers.hearts);
  const announcer = new Announcer(makeLiveRegion());
  const connection = new Connection(room, {
    danmaku: (line) => danmaku.show({ ...line, isOwn: line.author === page.viewer.id }),
    likes: (_message, gained) => hearts.rise(Math.min(HEARTS_OF_THE_CROWD, gained)),
    comment: (comment) => announcer.say(`${comment.nickname}: ${comment.text}`),
    remove: (id) => danmaku.remove(id),
    removeAuthor: (author) => danmaku.removeAuthor(author),
    order: (order) => announcer.say(room.t(`order_${order.state}`)),
    standing: (message) => own.hear(message),
    ghost: (line) => danmaku.show({ id: line.id, text: line.text, author: "", role: "", isOwn: false, isGhost: true }),
  });
  const now = () => connection.now();
  const reporter = new Reporter((message) => void connection.socket.send(message).catch(() => undefined), () => room.online.value); // a lost sample is none
  const signalling = (asked: Asked) => new RoomSignalling(() => connection.socket, page.urls.ice, asked, now);
  const guests = new GuestLines(room, () => connection.socket);
  const picture = new Picture(room, now, layers.picture, { signalling: signalling({ k: "live.watch" }), findFilm: filmFinder(page.urls.film) }, guests, reporter);
  const acts = measureRoom(room, connection, picture, makeActs(room, connection, picture, hearts));
  const own = new OwnStage(room, connection, signalling({ k: "stage.publish" }), { unmute: () => (picture.stage.muted = false), say: acts.say });

  root.replaceChildren(); // the first frame, which the server drew
  render(
    <RoomContext.Provider value={{ room, acts, picture, guests, own }}>
      <App layers={layers} />
    </RoomContext.Provider>,
    root,
  );
  effect(() => danmaku.setOn(preferences.value.isDanmakuOn));
  effect(() => danmaku.setOpacity(preferences.value.danmakuOpacity));
  effect(() => danmaku.setPaused(room.isPaused.value));
  keepTime(room, connection, picture);
  tellExposures(room, () => choosesRenditions() && Boolean(picture.stage.current?.master_url));
  listenToKeys(acts);
  connection.open();
  Object.assign(window, { room: { model: room, stage: picture.stage, socket: connection.socket, guests, own } }); // for tests and support
}

/** Move the page's clock; a cue's own event moves it to the frame. */
function keepTime(room: Room, connection: Connection, picture: Picture): void {
  const tick = () => {
    room.nowMs.value = connection.now();
    picture.tick();
  };
  setInterval(tick, TICK_MS);
  picture.stage.onCue(tick);
  tick();
}

function makeLiveRegion(): HTMLElement {
  const region = Object.assign(document.createElement("div"), { className: "unseen" });
  region.setAttribute("aria-live", "polite");
  document.body.append(region);
  return region;
}

start();
