/**
 * Time that stands still while something happens, and jumps to the next moment for which somebody waits: minutes of
 * waiting take no time, and who waits for whom stays as it is.
 */
export function jumpingClock(startMs = Date.now(), idleMs = 2) {
  let at = startMs;
  let sleepers: { until: number; wake: () => void }[] = [];
  const jump = () => {
    const next = sleepers.toSorted((a, b) => a.until - b.until)[0];
    if (!next) return;
    sleepers = sleepers.filter((one) => one !== next);
    at = Math.max(at, next.until);
    next.wake();
  };
  const timer = setInterval(jump, idleMs);
  return {
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
