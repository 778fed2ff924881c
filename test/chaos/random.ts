/** mulberry32: the same seed, the same numbers in [0, 1). */
export function randomOf(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    /** Both ends may come. */
    whole,
    happens: (chance: number) => next() < chance,
    pick: <T>(from: readonly T[]): T => from[whole(0, from.length - 1)]!,
    some: <T>(from: readonly T[], count: number): T[] => {
      const left = [...from];
      return Array.from({ length: Math.min(count, left.length) }, () => left.splice(whole(0, left.length - 1), 1)[0]!);
    },
  };
}
export type Random = ReturnType<typeof randomOf>;
