/** Which renditions a player may choose: the first one, and the best one. Pure. */

/** Short sides in lines; null leaves it to the player. */
export interface Ladder {
  start: number | null;
  top: number | null;
}

export interface Rendition {
  width: number;
  height: number;
}

/** Of renditions from small to large: how many of them may be chosen, and the number of the first one; null: the player's own choice. */
export function limitsOf(renditions: readonly Rendition[], { start, top }: Ladder): { kept: number; first: number | null } {
  const upTo = (lines: number) => renditions.filter((one) => Math.min(one.width, one.height) <= lines).length;
  const kept = top === null ? renditions.length : Math.min(renditions.length, Math.max(1, upTo(top))); // the smallest one always stays
  return { kept, first: start === null ? null : Math.max(0, Math.min(kept, upTo(start)) - 1) };
}
