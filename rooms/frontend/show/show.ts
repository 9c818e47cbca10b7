/**
 * The room as this browser knows it: the snapshot, and how each later message changes it. Pure.
 *
 * Law: old snapshot + later messages = new snapshot. A message that is already in the snapshot changes nothing: a late
 * joiner's snapshot may be newer than the point of the stream at which it was joined. The server's copy of these rules is
 * `rooms/snapshot/reducer.py`.
 */
import type { CommentView, Entry, Message, MessageOf, ProductView, RaisedCardView, Snapshot } from "./wire";

const KEPT_COMMENTS = 200;
const KEPT_ENTRIES = 16;

/** A snapshot that follows the room. `gone` keeps what was taken away: it never comes back; `lowered` holds `seq:cue id`. */
export interface Show extends Snapshot {
  gone: ReadonlySet<string>;
  lowered: ReadonlySet<string>;
  mutedRevision: number;
}

export function beginShow(snapshot: Snapshot): Show {
  const seq = snapshot.entries[0]?.seq ?? 0;
  return { ...snapshot, gone: new Set(), lowered: new Set(snapshot.lowered_cues.map((cue) => `${seq}:${cue}`)), mutedRevision: snapshot.revision };
}

/** The entries of the present show; those of a former one are void. */
export function programOf(show: Show): Entry[] {
  return show.entries.filter((entry) => entry.airing_id === show.airing_id);
}

/** Apply one lossless message. `viewerId` is who looks: a mute concerns the one who is muted. */
export function apply(show: Show, message: Message, viewerId: string): Show {
  switch (message.k) {
    case "snapshot":
      return beginShow(message);
    case "program":
      return { ...show, entries: withEntry(show.entries, message.entry) };
    case "state":
      if (message.revision <= show.revision) return show;
      return { ...show, revision: message.revision, state: message.state, state_at_ms: message.at_ms, airing_id: message.airing_id, undo: message.undo };
    case "card":
      return { ...show, cards: withCard(show, message.card), products: withProduct(show.products, message.product) };
    case "card.lower":
      return lower(show, message);
    case "product":
      return { ...show, products: withProduct(show.products, message.product) };
    case "bag":
      return withBag(show, message);
    case "comment":
      return { ...show, comments: withComment(show, message.comment) };
    case "comment.deleted":
      return { ...show, gone: new Set([...show.gone, message.id]), comments: show.comments.filter((comment) => comment.id !== message.id) };
    case "pin":
      return message.revision <= show.pin_revision ? show : { ...show, pin_revision: message.revision, pin: message.comment };
    case "rules":
      return message.revision <= show.rules_revision ? show : { ...show, rules_revision: message.revision, slow_mode_s: message.slow_mode_s };
    case "mute":
      if (message.author !== viewerId || message.revision <= show.mutedRevision) return show;
      return { ...show, mutedRevision: message.revision, muted_until_ms: message.until_ms };
    case "guests":
      return message.revision <= show.guests_revision ? show : { ...show, guests_revision: message.revision, guests: message.guests, guests_waiting: message.waiting };
    case "stage.mine":
      if (message.room_id !== show.room_id || message.revision <= show.own_stage_revision) return show;
      return { ...show, own_stage_revision: message.revision, own_stage: message.own };
    default:
      return show;
  }
}

function withEntry(entries: readonly Entry[], entry: Entry): Entry[] {
  const others = entries.filter((other) => other.seq !== entry.seq);
  return [...others, entry].sort((one, other) => one.seq - other.seq).slice(-KEPT_ENTRIES);
}

function withCard(show: Show, card: RaisedCardView): RaisedCardView[] {
  const known = show.cards.find((other) => other.id === card.id);
  if (show.gone.has(card.id) || (known && known.expires_at_ms >= card.expires_at_ms)) return show.cards;
  return [...show.cards.filter((other) => other.id !== card.id), card].sort((one, other) => one.raised_at_ms - other.raised_at_ms);
}

function withProduct(products: ProductView[], product: ProductView): ProductView[] {
  const known = products.find((other) => other.id === product.id);
  if (!known) return [...products, product];
  return known.as_of_ms > product.as_of_ms ? products : products.map((other) => (other.id === product.id ? product : other));
}

function withBag(show: Show, message: MessageOf<"bag">): Show {
  const products = message.products.reduce(withProduct, show.products);
  if (message.revision <= show.bag_revision) return { ...show, products };
  return { ...show, products, bag_revision: message.revision, bag: message.product_ids, pinned_product_id: message.pinned_id };
}

/** Ids are ordered by time, so sorting by id is sorting by time. */
function withComment(show: Show, comment: CommentView): CommentView[] {
  if (show.gone.has(comment.id) || show.comments.some((other) => other.id === comment.id)) return show.comments;
  return [...show.comments, comment].sort((one, other) => (one.id < other.id ? -1 : 1)).slice(-KEPT_COMMENTS);
}

function lower(show: Show, message: MessageOf<"card.lower">): Show {
  const { card_id, cue_id, program_seq } = message;
  let next = show;
  if (card_id !== null) next = { ...next, gone: new Set([...next.gone, card_id]), cards: next.cards.filter((card) => card.id !== card_id) };
  if (cue_id !== null) next = { ...next, lowered: new Set([...next.lowered, `${program_seq}:${cue_id}`]) };
  return next;
}
