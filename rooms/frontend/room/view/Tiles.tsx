/** Guests over the host's picture, and this viewer among them: mirrored and silent to themselves. */
import { GuestTile } from "../../show/GuestTile";
import { useRoom } from "../context";

const DUCKED = 0.25;

export function Tiles() {
  const { room, guests, own } = useRoom();
  const { guests: all, own_stage: mine } = room.show.value;
  const isSending = mine !== null && mine.standing !== "asked";
  const others = guests.isAttached.value ? all.filter((guest) => guest.id !== mine?.guest_id) : [];
  const count = others.length + (isSending ? 1 : 0);
  if (room.scene.value !== "live" || count === 0) return null;
  const volume = room.isMuted.value || room.isPaused.value ? 0 : room.sheet.value ? DUCKED : 1;
  return (
    <section class={`tiles${count > 3 ? " is-full" : count > 2 ? " is-many" : ""}`} aria-label={room.t("stage_guests")}>
      {others.map((guest) => (
        <GuestTile
          key={guest.id}
          name={guest.nickname}
          stream={guests.streams.value[guest.id] ?? null}
          hasPicture={guest.has_picture}
          isMuted={guest.is_muted}
          isGone={guest.is_gone}
          volume={volume}
          level={guest.is_muted ? 0 : (guests.levels.value[guest.id] ?? 0)}
          mutedText={room.t("stage_muted_mark")}
          note={guest.is_gone ? room.t("stage_gone") : ""}
        />
      ))}
      {isSending && (
        <GuestTile
          key="own"
          name={room.t("you")}
          stream={own.source.value?.stream ?? null}
          hasPicture={mine.has_picture}
          isMuted={mine.is_muted}
          isMirrored
          volume={0}
          level={own.level.value}
          mutedText={room.t("stage_muted_mark")}
          note={mine.standing === "backstage" ? room.t("stage_backstage_mark") : ""}
        />
      )}
    </section>
  );
}
