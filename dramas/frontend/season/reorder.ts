/** Dragging cards of a strip to another place. */

/** The list with the item at `from` moved to `to`. Pure. */
export function moved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const rest = items.filter((_, place) => place !== from);
  return [...rest.slice(0, to), items[from]!, ...rest.slice(to)];
}

const THRESHOLD_PX = 6;

interface Lift {
  card: HTMLElement;
  startX: number;
  pointer: number;
  isMoving: boolean;
  before: HTMLElement | null;
}

/** Listens on a root whose content may be replaced at any time. */
export class Reorder {
  private lift: Lift | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly onDrop: (order: string[], moving: { id: string; title: string }) => void,
  ) {
    root.addEventListener("pointerdown", (event) => this.grab(event));
    root.addEventListener("pointermove", (event) => this.drag(event));
    root.addEventListener("pointerup", () => this.drop());
    root.addEventListener("pointercancel", () => this.letGo());
    root.addEventListener("click", (event) => this.swallow(event), true);
  }

  get isDragging(): boolean {
    return this.lift !== null;
  }

  order(): string[] {
    return this.cards().map((card) => card.dataset["episode"]!);
  }

  private cards(): HTMLElement[] {
    return [...this.root.querySelectorAll<HTMLElement>("[data-order-url] > [data-episode]")];
  }

  private grab(event: PointerEvent): void {
    const card = (event.target as Element).closest<HTMLElement>("[data-order-url] > [data-episode]");
    const isControl = (event.target as Element).closest("button:not([data-grip])") !== null;
    if (!card || isControl || event.button !== 0 || (event.pointerType === "touch" && !(event.target as Element).closest("[data-grip]"))) return;
    this.lift = { card, startX: event.clientX, pointer: event.pointerId, isMoving: false, before: null };
  }

  private drag(event: PointerEvent): void {
    const lift = this.lift;
    if (!lift || event.pointerId !== lift.pointer) return;
    if (!lift.isMoving && Math.abs(event.clientX - lift.startX) < THRESHOLD_PX) return;
    if (!lift.isMoving) this.root.setPointerCapture(lift.pointer);
    lift.isMoving = true;
    lift.card.classList.add("is-lifted");
    const others = this.cards().filter((card) => card !== lift.card);
    lift.before = others.find((card) => event.clientX < middleOf(card)) ?? null;
    for (const card of others) card.classList.toggle("is-target", card === lift.before);
  }

  private drop(): void {
    const lift = this.lift;
    if (!lift?.isMoving) return void this.letGo();
    const order = this.order();
    const from = order.indexOf(lift.card.dataset["episode"]!);
    const rest = order.filter((_, place) => place !== from);
    const to = lift.before ? rest.indexOf(lift.before.dataset["episode"]!) : rest.length;
    this.letGo();
    if (to !== from) this.onDrop(moved(order, from, to), { id: order[from]!, title: lift.card.dataset["title"]! });
  }

  private letGo(): void {
    for (const card of this.cards()) card.classList.remove("is-lifted", "is-target");
    if (this.lift?.isMoving) setTimeout(() => (this.lift = null));
    else this.lift = null;
  }

  /** The click that ends a drag opens nothing. */
  private swallow(event: Event): void {
    if (!this.lift?.isMoving) return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function middleOf(card: HTMLElement): number {
  const box = card.getBoundingClientRect();
  return box.left + box.width / 2;
}
