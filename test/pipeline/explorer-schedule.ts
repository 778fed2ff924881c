import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as tick } from "node:timers/promises";
import { randomOf as numbersOf } from "../chaos/random.ts";

/** The process is gone: whatever it still wanted to do does not happen. */
class Crash extends Error {}

type Ended = { ok: true } | { ok: false; error: unknown };
export type Actor = {
  name: string;
  dead: boolean;
  /** Whoever started it has given it up; it goes on all the same, and later than others. */
  zombie: boolean;
  ended: Promise<Ended>;
  /** Resolves when the infrastructure loses sight of it. */
  lost: Promise<"lost">;
  lose(): void;
};

/** The same seed, the same run. */
export const randomOf = (seed: number) => numbersOf(seed).next;

/**
 * Lets one actor move at a time, from one outside effect to the next, in an order that the seed decides; on its way it
 * kills, loses sight of, and holds back.
 */
export function createSchedule(random: () => number, faults: { left: number }) {
  const gates: { actor: Actor; pass(how: "go" | "crash"): void }[] = [];
  const current = new AsyncLocalStorage<Actor>();
  let underWay = 0;
  const happens = (chance: number) => {
    if (faults.left === 0 || random() >= chance) return false;
    faults.left--;
    return true;
  };

  async function gate(actor: Actor) {
    if (actor.dead) throw new Crash();
    const how = await new Promise<"go" | "crash">((pass) => gates.push({ actor, pass }));
    if (how === "go") return;
    actor.dead = true;
    throw new Crash(`${actor.name} was killed`);
  }

  async function quiet() {
    do for (let i = 0; i < 4; i++) await tick();
    while (underWay > 0);
  }

  return {
    happens,

    spawn(name: string, act: () => Promise<unknown>): Actor {
      const { promise: lost, resolve } = Promise.withResolvers<"lost">();
      const actor: Actor = { name, dead: false, zombie: false, lost, lose: () => resolve("lost"), ended: undefined! };
      actor.ended = current.run(actor, async () => {
        try {
          await gate(actor);
          await act();
          return { ok: true as const };
        } catch (error) {
          return { ok: false as const, error };
        }
      });
      return actor;
    },

    /** An effect outside of the process: it may be killed before it and after it. */
    async effect<Result>(act: () => Promise<Result>): Promise<Result> {
      const actor = current.getStore();
      if (!actor) return act();
      await gate(actor);
      underWay++;
      const [result] = await Promise.allSettled([act()]);
      underWay--;
      await gate(actor);
      if (result.status === "rejected") throw result.reason;
      return result.value;
    },

    /** Until nobody wants to move; `zombies: false` leaves those where they stand. */
    async run({ zombies }: { zombies: boolean }) {
      for (;;) {
        await quiet();
        const able = gates.filter(({ actor }) => zombies || !actor.zombie);
        if (able.length === 0) return;
        const awake = able.filter(({ actor }) => !actor.zombie || random() < 0.2);
        const chosen = awake.length > 0 ? awake : able;
        const next = chosen[Math.floor(random() * chosen.length)]!;
        gates.splice(gates.indexOf(next), 1);
        if (!next.actor.zombie && happens(0.03)) {
          next.actor.zombie = true;
          next.actor.lose();
        }
        next.pass(happens(0.04) ? "crash" : "go");
      }
    },
  };
}
export type Schedule = ReturnType<typeof createSchedule>;
