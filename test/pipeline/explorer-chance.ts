import { randomOf } from "../chaos/random.ts";
import type { Chance, Fault } from "./explorer-schedule.ts";

const LIKELY: Record<Fault, number> = {
  killed: 0.02,
  "lost sight of": 0.015,
  "told to stop": 0.005,
  "answer lost": 0.03,
  "started twice": 0.1,
};

/** It remembers what went wrong. */
export type RecordedChance = Chance & { faults: string[] };

/** The same seed, the same run, with up to a dozen faults. */
export function seeded(seed: number): RecordedChance {
  const random = randomOf(seed);
  let left = random.whole(0, 12);
  const faults: string[] = [];
  return {
    faults,
    zombies: random.happens(0.7) ? "beside" : "behind",
    pick: (count) => random.whole(0, count - 1),
    happens(fault, at) {
      if (left === 0 || !random.happens(LIKELY[fault])) return false;
      left -= 1;
      faults.push(`${fault} at ${at}`);
      return true;
    },
  };
}

/** In order, with one fault: where the n-th could be. `faults` is empty where there is no n-th. */
export function single(nth: number, zombies: Chance["zombies"] = "beside"): RecordedChance {
  let seen = 0;
  return inOrder(zombies, () => {
    seen += 1;
    return seen === nth;
  });
}

/** In order, with one fault at one place. */
export function faultAt(fault: Fault, at: string): RecordedChance {
  return inOrder("beside", (...found) => found[0] === fault && found[1] === at);
}

function inOrder(zombies: Chance["zombies"], isIt: (fault: Fault, at: string) => boolean): RecordedChance {
  const faults: string[] = [];
  let moved = 0;
  return {
    faults,
    zombies,
    // The first of those that can move, and beside a zombie by turns.
    pick: (count) => moved++ % count,
    happens(fault, at) {
      if (!isIt(fault, at) || faults.length > 0) return false;
      faults.push(`${fault} at ${at}`);
      return true;
    },
  };
}
