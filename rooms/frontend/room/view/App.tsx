/** The page: one column over the picture on phones, three columns on wide screens. */
import { Icon } from "@merchants/design/icons";
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { dayAndTime, pluralForm } from "../../show/format";
import { useRoom } from "../context";
import { BottomBar, Rail } from "./Bar";
import { Chat, CommentStack } from "./Comments";
import { COMPOSER_ID, Composer } from "./Composer";
import { EpisodeList } from "./Episodes";
import { FeaturedCard } from "./FeaturedCard";
import { OrderList } from "./Orders";
import { ProductList } from "./Products";
import { Progress } from "./Progress";
import { TapForSound, WeakNotice } from "./Scenes";
import { SheetLayer } from "./SheetLayer";
import { Backdrop, Stage, type Layers } from "./Stage";
import { Tiles } from "./Tiles";
import { Avatar, BadgeRow, LostBanner, TopPhone } from "./Top";
import { UnlockPanel } from "./Unlock";

const CAPTION_GAP_PX = 12;
const wideScreen = matchMedia("(min-width: 1100px)");
const isWide = signal(wideScreen.matches);
wideScreen.addEventListener("change", () => {
  isWide.value = wideScreen.matches;
});

export function App({ layers }: { layers: Layers }) {
  return (
    <>
      {isWide.value ? <Wide layers={layers} /> : <Phone layers={layers} />}
      <SheetLayer />
      <Toast />
    </>
  );
}

function Phone({ layers }: { layers: Layers }) {
  const { room } = useRoom();
  const isEnded = room.scene.value === "ended";
  return (
    <main id="main" class="room is-phone">
      <h1 class="unseen">{room.show.value.title}</h1>
      <Backdrop />
      <Stage layers={layers}>
        <TopPhone />
        <Tiles />
        {!isEnded && (
          <Low>
            <OverPicture />
            <CommentStack />
            {!room.isPictureGone.value && <Progress />}
            <BottomBar />
          </Low>
        )}
      </Stage>
    </main>
  );
}

function Wide({ layers }: { layers: Layers }) {
  const { room } = useRoom();
  return (
    <div class="room is-wide">
      <SeasonColumn />
      <main id="main" class="centre">
        <h1 class="unseen">{room.show.value.title}</h1>
        <Backdrop />
        {room.connection.value === "lost" && <LostBanner />}
        {room.scene.value !== "ended" && <KeyLegend />}
        <Stage layers={layers}>
          <header class="top"><BadgeRow withViewers /></header>
          <Tiles />
          <Low>
            <OverPicture />
            {!room.isPictureGone.value && <Progress withControls />}
          </Low>
        </Stage>
        <Rail />
      </main>
      <TalkColumn />
    </div>
  );
}

/** What belongs to a picture that is there; without one, the scene says what happened and nothing stands in its way. */
function OverPicture() {
  const { room } = useRoom();
  if (room.isPictureGone.value) return null;
  return (
    <>
      <TapForSound />
      <WeakNotice />
      <UnlockPanel />
      <FeaturedCard />
    </>
  );
}

/** What lies at the bottom of the picture. Captions stand right above it, whatever is in it. */
function Low({ children }: { children: ComponentChildren }) {
  const { picture } = useRoom();
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => picture.setCaptionsAbove(element.offsetHeight + CAPTION_GAP_PX));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return <div class="low" ref={box}>{children}</div>;
}

function SeasonColumn() {
  const { room } = useRoom();
  const { shop, urls, upcoming, language } = room.page;
  const season = room.season.value;
  const name = room.show.value.host_name || shop.name;
  const next = upcoming[0];
  return (
    <aside class="season-column" aria-label={room.t("season")}>
      <div class="season-host">
        <Avatar name={name} url={room.show.value.host_avatar_url} />
        <div class="host-text"><p class="t-15 clip">{name}</p><p class="t-13 t-quiet clip">{name === shop.name ? room.show.value.title : shop.name}</p></div>
        <a class="icon-button" href={urls.lobby} aria-label={room.t("leave_room")}><Icon name="close" size={22} /></a>
      </div>
      <div class="season-title">
        <p class="t-17">{season?.title ?? room.show.value.title}</p>
        {season && <p class="t-13 t-quiet">{room.t(`episodes_count_${pluralForm(season.episodes.length, language)}`, { count: season.episodes.length })}</p>}
      </div>
      <div class="season-scroll"><EpisodeList /></div>
      {next && (
        <a class="next-show" href={next.url}>
          <span class="badge is-white"><Icon name="clock" size={14} />{dayAndTime(next.starts_at_ms, room.nowMs.value, language, room.t("today"))}</span>
          <span class="t-15 clip">{next.title}</span>
        </a>
      )}
    </aside>
  );
}

type Tab = "chat" | "products" | "orders";
const tab = signal<Tab>("chat");

function TalkColumn() {
  const { room } = useRoom();
  return (
    <aside class="talk-column" aria-label={room.t("chat_and_products")}>
      <div class="tabs" role="tablist" onKeyDown={moveTab}>
        <TabButton name="chat" text={room.t("chat")} />
        <TabButton name="products" text={`${room.t("products")} ${room.show.value.bag.length || ""}`} />
        <TabButton name="orders" text={room.t("orders")} />
      </div>
      <div class="tab-panel" role="tabpanel" id={`panel-${tab.value}`} aria-labelledby={`tab-${tab.value}`}>
        {tab.value === "chat" && <Chat />}
        {tab.value === "products" && <div class="tab-scroll"><ProductList /></div>}
        {tab.value === "orders" && <div class="tab-scroll"><OrderList /></div>}
      </div>
      {tab.value === "chat" && room.scene.value !== "ended" && <Composer isWide />}
    </aside>
  );
}

const TABS: readonly Tab[] = ["chat", "products", "orders"];

function moveTab(event: KeyboardEvent): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (!step) return;
  tab.value = TABS[(TABS.indexOf(tab.value) + step + TABS.length) % TABS.length] ?? "chat";
  event.preventDefault();
  requestAnimationFrame(() => document.getElementById(`tab-${tab.value}`)?.focus());
}

function TabButton({ name, text }: { name: Tab; text: string }) {
  const isOn = tab.value === name;
  return (
    <button type="button" id={`tab-${name}`} class="tab" role="tab" aria-selected={isOn} aria-controls={`panel-${name}`} tabIndex={isOn ? 0 : -1} onClick={() => (tab.value = name)}>
      {text}
    </button>
  );
}

function KeyLegend() {
  const { room } = useRoom();
  const keys: [string, string][] = [[room.t("key_pause"), room.t("key_space")], [room.t("key_sound"), "M"], [room.t("captions"), "C"], [room.t("danmaku"), "D"], [room.t("chat"), "/"]];
  return (
    <dl class="key-legend">
      {keys.map(([text, key]) => <div key={key}><dt>{text}</dt><dd class="keycap">{key}</dd></div>)}
    </dl>
  );
}

function Toast() {
  const { room } = useRoom();
  return <div class="toast-layer" role="status">{room.toast.value && <p class="toast">{room.toast.value}</p>}</div>;
}

/** Bring the chat up and put the caret into it. */
export function focusComposer(): void {
  tab.value = "chat";
  requestAnimationFrame(() => document.getElementById(COMPOSER_ID)?.focus());
}

