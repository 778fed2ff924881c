/**
 * Time that stands still while something happens, and jumps to the next moment for which something waits: minutes of
 * waiting take no time, and who waits for whom stays as it is. What happens outside the process (a request, a write) it
 * sees through `watched` alone: on a busy machine one takes longer than any idle time.
 */
export function jumpingClock(startMs = Date.now(), idleMs = 2) {
  let at = startMs;
  let sleepers: { until: number; wake: () => void }[] = [];
  let underWay = 0;
  const jump = () => {
    if (underWay > 0) return;
    const next = sleepers.toSorted((a, b) => a.until - b.until)[0];
    if (!next) return;
    sleepers = sleepers.filter((one) => one !== next);
    at = Math.max(at, next.until);
    next.wake();
  };
  const timer = setInterval(jump, idleMs);
  /** The same object; no time passes while a promise of one of its methods is open. */
  const watched = <Of extends object>(of: Of): Of =>
    new Proxy(of, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value === "object" && value !== null) return watched(value);
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => {
          const answer: unknown = value.apply(target, given);
          if (!(answer instanceof Promise)) return answer;
          underWay += 1;
          return answer.finally(() => {
            underWay -= 1;
          });
        };
      },
    });
  return {
    watched,
    nowMs: () => at,
    now: () => new Date(at),
    pass: (ms: number) => {
      at += ms;
    },
    sleep: (ms: number) =>
      new Promise<void>((wake) => {
        sleepers.push({ until: at + ms, wake });
      }),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
