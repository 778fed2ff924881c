/**
 * At most `count` holders at once; the others wait in the order in which they came, the urgent ones before the rest.
 * Rejects when the signal aborts.
 */
export function createTaskSlots(count: number) {
  let free = count;
  const waiting = { urgent: [] as (() => void)[], other: [] as (() => void)[] };

  const giveBack = () => {
    const next = waiting.urgent.shift() ?? waiting.other.shift();
    if (next) next();
    else free += 1;
  };

  return async (signal: AbortSignal, { isUrgent = false } = {}): Promise<Disposable> => {
    signal.throwIfAborted();
    const queue = isUrgent ? waiting.urgent : waiting.other;
    if (free > 0) free -= 1;
    else
      await new Promise<void>((resolve, reject) => {
        const admit = () => {
          signal.removeEventListener("abort", leave);
          resolve();
        };
        const leave = () => {
          queue.splice(queue.indexOf(admit), 1);
          reject(signal.reason);
        };
        queue.push(admit);
        signal.addEventListener("abort", leave, { once: true });
      });
    return { [Symbol.dispose]: giveBack };
  };
}
