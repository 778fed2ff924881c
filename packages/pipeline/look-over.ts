export type LookedOver = { looked: number; started: number; failed: number };

export type LookOver<One = never> = {
  /** In pages, the most overdue first. */
  pages: AsyncIterable<One[]>;
  look(due: One, signal: AbortSignal): Promise<"started" | "nothing">;
  report(due: One, error: unknown): void;
  /** When one that is looked at is given up; a service may never answer. */
  deadline(): AbortSignal;
  /** No more is begun. */
  isOver(): boolean;
};

/** So many are looked at together. */
const AT_ONCE = 8;

/**
 * Some at a time. What fails, or does not come to its end in time, is reported and stays due; it keeps nothing else
 * waiting. One that is given up goes on to the next place where it asks its signal, and begins nothing behind that.
 */
export async function lookOver<One>({ pages, look, report, deadline, isOver }: LookOver<One>): Promise<LookedOver> {
  const result: LookedOver = { looked: 0, started: 0, failed: 0 };
  async function lookAt(due: One) {
    result.looked += 1;
    try {
      const signal = deadline();
      if ((await Promise.race([look(due, signal), aborted(signal)])) === "started") result.started += 1;
    } catch (error) {
      result.failed += 1;
      report(due, error);
    }
  }
  for await (const page of pages) {
    const waiting = page.values();
    const work = async () => {
      for (const due of waiting) {
        if (isOver()) return;
        await lookAt(due);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (isOver()) return result;
  }
  return result;
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    const give = () => reject(new Error("It did not come to its end in time, and is looked at again."));
    if (signal.aborted) give();
    else signal.addEventListener("abort", give, { once: true });
  });
