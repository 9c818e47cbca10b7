/** Over the picture: whose room it is, how many watch, what is playing, and that this is advertising. */
import { Icon } from "@merchants/design/icons";
import { clockText, compactCount, secondsText } from "../../show/format";
import { useRoom } from "../context";
import { StageButton } from "./StageSheet";

export function HostPill() {
  const { room } = useRoom();
  const { host_name, host_avatar_url } = room.show.value;
  const name = host_name || room.page.shop.name;
  return (
    <div class="host-pill">
      <Avatar name={name} url={host_avatar_url} />
      <div class="host-text">
        <p class="t-15 clip">{name}</p>
        <p class="t-13 t-quiet clip">{room.season.value?.title ?? room.page.shop.name}</p>
      </div>
    </div>
  );
}

export function Avatar({ name, url = "" }: { name: string; url?: string }) {
  return <span class="avatar">{url ? <img src={url} alt="" width={36} height={36} /> : initial(name)}</span>;
}

function initial(name: string): string {
  return [...name.trim()][0]?.toUpperCase() ?? "·";
}

export function ViewerCount({ asBadge = false }: { asBadge?: boolean }) {
  const { room } = useRoom();
  const count = compactCount(room.online.value, room.page.language);
  return (
    <span class={asBadge ? "badge" : "viewer-pill"} title={room.t("viewers", { count })}>
      <Icon name="users" size={asBadge ? 16 : 18} />
      <span aria-hidden="true">{count}</span>
      <span class="unseen">{room.t("viewers", { count })}</span>
    </span>
  );
}

export function CloseRoom() {
  const { room } = useRoom();
  return (
    <a class="icon-button" href={room.page.urls.lobby} aria-label={room.t("leave_room")}>
      <Icon name="close" size={24} />
    </a>
  );
}

/** What is on: opens the episodes where there are some. */
export function ProgramBadge() {
  const { room, acts } = useRoom();
  const source = room.entry.value?.source;
  const scene = room.scene.value;
  if ((scene === "drama" || scene === "teaser") && source?.number) {
    return (
      <button type="button" class="badge-target" onClick={() => acts.open("episodes")} aria-label={room.t("episodes_open", { number: source.number, of: source.of ?? source.number })}>
        <span class="badge is-white">
          <Icon name={scene === "teaser" ? "lock" : "film"} size={14} />
          {scene === "teaser" ? room.t("badge_teaser") : room.t("badge_drama", { number: source.number, of: source.of ?? source.number })}
        </span>
      </button>
    );
  }
  if (scene === "live") return <span class="badge is-live"><span class="dot" />{room.t("badge_live")}</span>;
  if (scene === "ended") return <span class="badge is-white"><Icon name="replay" size={14} />{room.t("badge_replay")}</span>;
  if (scene === "scheduled") return <span class="badge is-white"><Icon name="clock" size={14} />{room.t("badge_soon")}</span>;
  return <span class="badge is-white"><Icon name="slate" size={14} />{room.t("badge_break")}</span>;
}

/** Advertising is labelled in every state, the loading one included. */
export function AdBadge() {
  const { room } = useRoom();
  return <span class="badge">{room.t("ad_label", { shop: room.page.shop.name })}</span>;
}

/** Quality of the picture, and how far it is behind the host; opens the settings. */
export function QualityBadge() {
  const { room, acts } = useRoom();
  const isWeak = room.picture.value === "weak" || room.isPictureGone.value;
  const lagMs = room.scene.value === "live" ? room.lagMs.value : null;
  const lag = lagMs === null ? null : `${room.t(`tier_${room.tier.value.tier}`)} · ${room.t("badge_lag", { seconds: secondsText(lagMs, room.page.language) })}`;
  const words = lagMs === null ? "" : ` ${room.t("lag_behind", { seconds: secondsText(lagMs, room.page.language) })}`;
  return (
    <button type="button" class="badge-target" onClick={() => acts.open("settings")} aria-label={`${room.t("settings_open")}${words && `.${words}`}`}>
      <span class={`badge ${isWeak ? "is-gold" : "is-ok"}`}>
        {isWeak ? <Icon name="wifi-off" size={14} /> : <span class="dot" />}
        {isWeak ? room.t("badge_weak") : (lag ?? room.t("badge_hd"))}
      </span>
    </button>
  );
}

export function TopPhone() {
  const { room } = useRoom();
  return (
    <header class="top">
      <div class="top-row">
        <HostPill />
        <span class="top-gap" />
        <ViewerCount />
        <CloseRoom />
      </div>
      <BadgeRow />
      {room.connection.value === "lost" && <LostBanner />}
    </header>
  );
}

export function BadgeRow({ withViewers = false }: { withViewers?: boolean }) {
  return (
    <div class="badge-row">
      <ProgramBadge />
      <AdBadge />
      <span class="top-gap" />
      <StageButton />
      <QualityBadge />
      {withViewers && <ViewerCount asBadge />}
    </div>
  );
}

export function LostBanner() {
  const { room } = useRoom();
  return (
    <p class="lost-banner" role="status">
      <Icon name="wifi-off" size={18} />
      {room.t("connection_lost")}
    </p>
  );
}

export function timeLeft(ms: number): string {
  return clockText(Math.ceil(ms / 1000) * 1000);
}
