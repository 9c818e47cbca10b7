/** What a thumb reaches: bag, a word, danmaku, share, like. */
import { Icon } from "@merchants/design/icons";
import { compactCount, pluralForm } from "../../show/format";
import { preferences } from "../../show/preferences";
import { useRoom } from "../context";
import { Composer } from "./Composer";

export function BottomBar() {
  const { room, acts } = useRoom();
  return (
    <div class="bar">
      <BagButton />
      <Composer />
      <button type="button" class="icon-button" aria-pressed={preferences.value.isDanmakuOn} aria-label={room.t("danmaku_toggle")} onClick={acts.toggleDanmaku}>
        <Icon name={preferences.value.isDanmakuOn ? "danmaku" : "danmaku-off"} size={24} />
      </button>
      <button type="button" class="icon-button" aria-label={room.t("share")} onClick={acts.share}>
        <Icon name="share" size={24} />
      </button>
      <LikeButton />
    </div>
  );
}

export function BagButton() {
  const { room, acts } = useRoom();
  const count = room.show.value.bag.length;
  return (
    <button type="button" class="bag-button" aria-label={room.t(`bag_open_${pluralForm(count, room.page.language)}`, { count })} onClick={() => acts.open("bag")}>
      <Icon name="bag" size={24} />
      {count > 0 && <span class="count-badge" aria-hidden="true">{count}</span>}
    </button>
  );
}

function LikeButton() {
  const { room, acts } = useRoom();
  const count = compactCount(room.likes.value, room.page.language);
  return (
    <button type="button" class="like-button" aria-label={room.t("like", { count })} onClick={acts.like}>
      <Icon name="heart-fill" size={26} />
      <span class="t-12" aria-hidden="true">{count}</span>
    </button>
  );
}

/** The same deeds beside the picture on wide screens, each with its word. */
export function Rail() {
  const { room, acts } = useRoom();
  const likes = compactCount(room.likes.value, room.page.language);
  const bag = room.show.value.bag.length;
  const isEnded = room.scene.value === "ended";
  return (
    <div class="rail">
      {!isEnded && <button type="button" class="rail-button" onClick={acts.like} aria-label={room.t("like", { count: likes })}>
        <span class="rail-face is-like"><Icon name="heart-fill" size={24} /></span>
        <span aria-hidden="true">{likes}</span>
      </button>}
      {!isEnded && <ViewingButtons />}
      <button type="button" class="rail-button" onClick={acts.share}>
        <span class="rail-face"><Icon name="share" size={22} /></span>
        {room.t("share")}
      </button>
      <button type="button" class="rail-button" onClick={() => acts.open("bag")} aria-label={room.t(`bag_open_${pluralForm(bag, room.page.language)}`, { count: bag })}>
        <span class="rail-face is-bag"><Icon name="bag" size={22} />{bag > 0 && <span class="count-badge">{bag}</span>}</span>
        <span aria-hidden="true">{room.t("bag")}</span>
      </button>
    </div>
  );
}

function ViewingButtons() {
  const { room, acts } = useRoom();
  const { isDanmakuOn, captions } = preferences.value;
  return (
    <>
      <button type="button" class="rail-button" onClick={acts.toggleDanmaku} aria-pressed={isDanmakuOn}>
        <span class="rail-face"><Icon name={isDanmakuOn ? "danmaku" : "danmaku-off"} size={22} /></span>
        {room.t("danmaku")}
      </button>
      <button type="button" class="rail-button" onClick={acts.toggleCaptions} aria-pressed={captions !== ""}>
        <span class="rail-face"><Icon name="captions" size={22} /></span>
        {room.t("captions")}
      </button>
    </>
  );
}
