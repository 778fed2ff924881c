/** An answer of the proxy that is not the host's: a status for the client's code, a sentence for people. */
export class ProxyRefusal extends Error {
  override name = "Refused";
  readonly status: number;
  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/**
 * At most `count` connections to the outside at once; the others wait their turn. Rejects with 503 when that takes
 * longer than `maxWaitMs`, and with the signal's reason when it aborts.
 */
export function connectionLimit(count: number, maxWaitMs: number) {
  let free = count;
  const waiting: (() => void)[] = [];
  const giveBack = () => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };

  /** Resolves to what gives the place back; calling that twice does nothing. */
  return async (signal: AbortSignal): Promise<() => void> => {
    signal.throwIfAborted();
    if (free > 0) free -= 1;
    else await turn(signal);
    let held = true;
    return () => {
      if (held) giveBack();
      held = false;
    };
  };

  function turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
      const place = waiting.indexOf(admit);
      if (place >= 0) waiting.splice(place, 1);
      act();
    };
    const admit = () => settle(resolve);
    const leave = () => settle(() => reject(signal.reason));
    const timer = setTimeout(
      () => settle(() => reject(new ProxyRefusal(503, `Too many connections at once; ${count} are open.`))),
      maxWaitMs,
    );
    waiting.push(admit);
    signal.addEventListener("abort", leave, { once: true });
    return promise;
  }
}
