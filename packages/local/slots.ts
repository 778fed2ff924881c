/** At most `count` holders at once; the others wait in the order in which they came. Rejects when the signal aborts. */
export function createSlots(count: number) {
  let free = count;
  const waiting: (() => void)[] = [];

  const giveBack = () => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };

  return async (signal: AbortSignal): Promise<Disposable> => {
    signal.throwIfAborted();
    if (free > 0) free -= 1;
    else
      await new Promise<void>((resolve, reject) => {
        const admit = () => {
          signal.removeEventListener("abort", leave);
          resolve();
        };
        const leave = () => {
          waiting.splice(waiting.indexOf(admit), 1);
          reject(signal.reason);
        };
        waiting.push(admit);
        signal.addEventListener("abort", leave, { once: true });
      });
    return { [Symbol.dispose]: giveBack };
  };
}
