import type { Concession } from "../conversation/conversation.ts";
import type { Reason } from "../jobs/reasons.ts";
import { type Answer, askOnce, type Messages, type ModelRequest } from "./ask-once.ts";
import { failureOf } from "./failures.ts";

export type AskDeps = {
  messages: Messages;
  now(): Date;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** 0 to 1; Math.random when absent. */
  jitter?(): number;
  /** What other runs of this deployment learnt about rate limits; absent: every run finds out for itself. */
  pause?: { until(): Promise<Date | undefined>; extend(until: Date): Promise<void> };
};

export type AskResult =
  | { kind: "answered"; answer: Answer }
  | { kind: "context-full" }
  /** The same may be accepted in another form. */
  | { kind: "concede"; to: Concession; otherwise: Reason }
  /** Rate limits and overload lasted until the deadline. */
  | { kind: "out-of-time" }
  | { kind: "stopped"; reason: Reason };

/** Lost answers in a row before the run fails: with the waits between them, about a minute. */
const MAX_RETRIES = 6;
const MAX_BACKOFF_MS = 30_000;
const FIRST_WAIT_MS = 5_000;
const MAX_WAIT_MS = 60_000;

/**
 * One turn's answer. The SDK's own retries are off: ours also cover error events, cut sockets and broken tool input
 * after a 200, and a wait is shown and can be cancelled. A turn has no side effect until its tools run.
 */
export async function ask(
  deps: AskDeps,
  request: ModelRequest,
  options: {
    deadline: Date;
    signal?: AbortSignal;
    onWait(until: Date): Promise<void>;
    /** A request goes out now. What it throws ends the run before that. */
    onAsk(): Promise<void>;
    /** No answer will come. `begun`: it had begun to arrive, so what was written of it is paid for. */
    onFailed(begun: boolean): Promise<void>;
  },
): Promise<AskResult> {
  const jitter = deps.jitter ?? Math.random;
  const waitUntil = async (until: Date) => {
    if (until > options.deadline) return false;
    await options.onWait(until);
    await deps.sleep(Math.max(0, until.getTime() - deps.now().getTime()), options.signal);
    return true;
  };
  for (let retries = 0, waits = 0; ; ) {
    const pausedUntil = await deps.pause?.until();
    if (pausedUntil && pausedUntil > deps.now()) {
      const spread = jitter() * Math.min(2_000, pausedUntil.getTime() - deps.now().getTime());
      if (!(await waitUntil(new Date(pausedUntil.getTime() + spread)))) return { kind: "out-of-time" };
      // Another run may have been told to wait longer meanwhile.
      continue;
    }
    await options.onAsk();
    let begun = false;
    const onBegin = () => {
      begun = true;
    };
    try {
      return { kind: "answered", answer: await askOnce(deps, request, onBegin, options.signal) };
    } catch (error) {
      options.signal?.throwIfAborted();
      await options.onFailed(begun);
      const failure = failureOf(error, deps.now());
      switch (failure.kind) {
        case "stop":
          return { kind: "stopped", reason: failure.reason };
        case "context-full":
          return { kind: "context-full" };
        case "concede":
          return failure;
        case "retry": {
          if (++retries >= MAX_RETRIES) return { kind: "stopped", reason: failure.whenExhausted };
          const backoffMs = Math.min(1_000 * 2 ** (retries - 1), MAX_BACKOFF_MS);
          await deps.sleep(backoffMs * (0.5 + jitter() / 2), options.signal);
          break;
        }
        case "wait": {
          const baseMs = failure.afterMs ?? Math.min(FIRST_WAIT_MS * 2 ** waits++, MAX_WAIT_MS);
          const until = new Date(deps.now().getTime() + baseMs * (1 + jitter() * 0.2));
          await deps.pause?.extend(until);
          if (!(await waitUntil(until))) return { kind: "out-of-time" };
        }
      }
    }
  }
}
