import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as tick } from "node:timers/promises";
import type { Clock } from "../../packages/clock/clock.ts";

/** What may go wrong, each time that it can. */
export type Fault = "killed" | "lost sight of" | "told to stop" | "answer lost" | "started twice";

/** Decides everything that is left open. */
export type Chance = {
  /** Which of so many moves next. */
  pick(count: number): number;
  happens(fault: Fault, at: string): boolean;
  /** When those move that were given up: beside the others, or only when nothing else can. */
  zombies: "beside" | "behind";
};

/** A process. The infrastructure sees its end, or loses sight of it while it goes on. */
export type Actor = {
  name: string;
  dead: boolean;
  /** It was given up and has a successor; it goes on all the same. */
  zombie: boolean;
  seen: Promise<Seen>;
  /** SIGTERM; absent: it has no ear for it. */
  stop?: AbortController;
  end(seen: Seen): void;
};
export type Seen = { how: "well" } | { how: "failed"; error: unknown } | { how: "killed" } | { how: "lost" };

type Move = { actor: Actor; at: string; go(): void };

const STEP_MS = 100;
const START = Date.parse("2026-11-27T10:00:00.000Z");

/**
 * Lets one process move at a time, from one outside effect to the next. An effect has two moves: it happens, and its
 * answer arrives; a process may be killed before either, and others may move in between. What is killed never goes on.
 */
export function createSchedule(chance: Chance) {
  let moves: Move[] = [];
  let now = START;
  const current = new AsyncLocalStorage<Actor>();
  const watches = new Set<{ actor: Actor | undefined; everyMs: number; next: number; look(): unknown }>();
  const planned: { step: number; act(): Promise<unknown> }[] = [];
  let steps = 0;
  let moving = "";

  function end(actor: Actor, seen: Seen) {
    actor.dead = true;
    moves = moves.filter((move) => move.actor !== actor);
    actor.end(seen);
  }

  function spawn(name: string, act: (stop: AbortSignal) => Promise<unknown>, { stops = false } = {}): Actor {
    const { promise: seen, resolve } = Promise.withResolvers<Seen>();
    const stop = new AbortController();
    const actor: Actor = { name, dead: false, zombie: false, seen, end: resolve, ...(stops && { stop }) };
    const run = () =>
      current.run(actor, () =>
        act(stop.signal).then(
          () => end(actor, { how: "well" }),
          (error: unknown) => end(actor, { how: "failed", error }),
        ),
      );
    moves.push({ actor, at: `${name}: start`, go: () => void run() });
    return actor;
  }

  /** `act` happens at once and as a whole, as a request does at a server. */
  function effect<Result>(name: string, act: () => Result): Promise<Result> {
    const actor = current.getStore();
    if (!actor) return Promise.resolve().then(act);
    return new Promise((resolve, reject) => {
      if (actor.dead) return;
      const go = () => {
        let arrive: () => void;
        try {
          const result = act();
          arrive = () => resolve(result);
        } catch (error) {
          arrive = () => reject(error);
        }
        moves.push({ actor, at: `${actor.name}: ${name}, answer`, go: arrive });
      };
      moves.push({ actor, at: `${actor.name}: ${name}`, go });
    });
  }

  function move(next: Move) {
    const { actor, at } = next;
    if (chance.happens("killed", at)) return end(actor, { how: "killed" });
    if (!actor.zombie && chance.happens("lost sight of", at)) {
      actor.zombie = true;
      return actor.end({ how: "lost" });
    }
    if (actor.stop && !actor.stop.signal.aborted && chance.happens("told to stop", at))
      return actor.stop.abort(new Error("SIGTERM"));
    moves.splice(moves.indexOf(next), 1);
    moving = actor.name;
    next.go();
  }

  /** Until there is nothing left to move; `zombies: false` leaves those where they stand. */
  async function run({ zombies }: { zombies: boolean }) {
    for (;;) {
      await tick();
      const able = zombies ? moves : moves.filter(({ actor }) => !actor.zombie);
      if (able.length === 0) return;
      const first = chance.zombies === "behind" ? able.filter(({ actor }) => !actor.zombie) : able;
      const among = first.length > 0 ? first : able;
      steps += 1;
      now += STEP_MS;
      for (const one of planned.filter(({ step }) => step === steps)) await one.act();
      for (const watch of watches) lookOut(watch);
      move(among[chance.pick(among.length)]!);
    }
  }

  function lookOut(watch: { actor: Actor | undefined; everyMs: number; next: number; look(): unknown }) {
    if (watch.next > now || !watch.actor || watch.actor.dead) return;
    watch.next = now + watch.everyMs;
    current.run(watch.actor, watch.look);
  }

  const clock: Clock = {
    now: () => new Date(now),
    elapsedMs: () => now - START,
    sleep: (ms) => {
      const until = now + ms;
      return effect("sleep", () => {
        now = Math.max(now, until);
      });
    },
    every(everyMs, look) {
      const watch = { actor: current.getStore(), everyMs, next: now + everyMs, look };
      watches.add(watch);
      return { [Symbol.dispose]: () => void watches.delete(watch) };
    },
  };

  return {
    clock,
    spawn,
    effect,
    run,
    /** Whether the answer of what has just happened is lost on its way. */
    answerLost: (name: string) => chance.happens("answer lost", `${moving}: ${name}`),
    startedTwice: (name: string) => chance.happens("started twice", name),
    /** Something from outside, at that step. */
    at: (step: number, act: () => Promise<unknown>) => void planned.push({ step, act }),
    steps: () => steps,
  };
}
export type Schedule = ReturnType<typeof createSchedule>;
