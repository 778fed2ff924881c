import { type Clock, systemClock } from "../clock/clock.ts";
import { RemoteTrouble } from "../jobs/errors.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import { isRateLimit, isTemporary, retryAfterMsOf, saidBy } from "./errors.ts";

/** GitHub did not come back in time: an ending, and no matter for another runner. */
class GitHubUnavailable extends RemoteTrouble {
  override name = "GitHubUnavailable";
  constructor(what: string, forMs: number, cause: unknown) {
    const reason = unavailable(what, forMs, cause);
    super(reason.message, { reason, words: wordsOf(cause), cause });
  }
}

/** The reason that ends a run, of what was thrown; undefined for what another attempt may do better. */
export const endingReasonOf = (error: unknown): Reason | undefined =>
  error instanceof RemoteTrouble ? error.reason : undefined;

export type RetryOptions = {
  signal?: AbortSignal | undefined;
  /** All tries together; there are two at least, unless GitHub asks to wait for longer than this. */
  forMs?: number | undefined;
  /** Before each wait, with GitHub's words. */
  onWait?: (words: string) => unknown;
  clock?: Pick<Clock, "elapsedMs" | "sleep">;
};

const DEADLINE_MS = 120_000;
const WAITS_S = [1, 2, 4, 8, 15, 30];

/**
 * Tries again what may pass by itself: a server's error, a cut connection, a rate limit. `work` finds what an earlier
 * try of it did. Everything else is thrown as it came.
 */
export async function withRetries<T>(
  what: string,
  work: () => Promise<T>,
  { signal, forMs = DEADLINE_MS, onWait = () => {}, clock = systemClock }: RetryOptions = {},
): Promise<T> {
  const began = clock.elapsedMs();
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!mayPass(error)) throw error;
      const backoffMs = (WAITS_S[Math.min(tries, WAITS_S.length - 1)]! * forMs) / 120;
      const waitMs = Math.max(backoffMs, retryAfterMsOf(error) ?? 0);
      const spentMs = clock.elapsedMs() - began;
      if (waitMs > forMs || (tries > 0 && spentMs + waitMs > forMs))
        throw new GitHubUnavailable(what, Math.max(spentMs, 1_000), error);
      await onWait(wordsOf(error));
      await clock.sleep(waitMs, signal);
    }
  }
}

const mayPass = (error: unknown) => (error instanceof RemoteTrouble ? error.reason === undefined : isTemporary(error));

const wordsOf = (error: unknown) => (error instanceof RemoteTrouble ? error.words : saidBy(error));

function unavailable(what: string, forMs: number, error: unknown): Reason {
  const limitMs = retryAfterMsOf(error);
  if (limitMs !== undefined && limitMs > 0) return because("github-rate-limit", { forMs: limitMs });
  if (isRateLimit(error)) return because("github-rate-limit", { said: wordsOf(error) });
  return because("github-unavailable", what, forMs, wordsOf(error));
}
