import type { IncomingMessage } from "node:http";
import type { Disturbance } from "../../packages/stand-ins/loopback/disturb.ts";
import { randomOf } from "./random.ts";

/** How often an event is delivered again, of those that may be. */
const TWICE = 5;

/**
 * Disturbs a share of all requests until it is told to stop, and has a share of what people do delivered twice. Pages of
 * people and streams of bytes are left alone.
 */
export function disturber({ share, twiceShare }: { share: number; twiceShare: number }, seed: number) {
  const random = randomOf(seed);
  const doubles = randomOf(seed ^ 0x2222);
  let stormy = true;
  const kinds: (() => Disturbance)[] = [
    () => ({ kind: "cut" }),
    () => ({ kind: "lose-answer" }),
    () => ({ kind: "delay", ms: random.whole(50, 2_000) }),
    () => ({ kind: "status", status: random.pick([500, 502, 503]) }),
  ];
  return {
    disturb: (_service: string, _request: IncomingMessage): Disturbance | undefined =>
      stormy && random.happens(share) ? random.pick(kinds)() : undefined,
    twice: () => stormy && random.happens(share * TWICE),
    sentTwice: () => stormy && doubles.happens(twiceShare),
    calm() {
      stormy = false;
    },
  };
}
