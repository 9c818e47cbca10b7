/** Those who want to hear of something, and a promise that waits. */

export type Listener<Event> = (event: Event) => void;

export class Listeners<Event> {
  private readonly all = new Set<Listener<Event>>();

  /** Returns the way to stop. */
  add(listener: Listener<Event>): () => void {
    this.all.add(listener);
    return () => void this.all.delete(listener);
  }

  emit(event: Event): void {
    for (const listener of [...this.all]) listener(event);
  }
}

export function later(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms));
}
