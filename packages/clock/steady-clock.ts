/**
 * Milliseconds since 1970 that never go back within a process: a machine's clock that is set back an hour would make
 * everything that waits until a time wait an hour more. Set ahead, it is followed, so that nothing is kept for too long
 * where a process sleeps between two requests.
 */
export function createSteadyClock(wall: () => number = Date.now, monotonic: () => number = () => performance.now()) {
  let last = { wall: wall(), monotonic: monotonic() };
  return (): number => {
    const passed = monotonic();
    last = { wall: Math.max(wall(), last.wall + (passed - last.monotonic)), monotonic: passed };
    return last.wall;
  };
}

export const steadyNow = createSteadyClock();

/**
 * A time that another process has written, as it would be from now: `writtenAt` lies ahead of us only where the clock
 * was set back since, and then both are ahead by as much.
 */
export const fromNow = (time: number, writtenAt: number | undefined, now: number): number =>
  writtenAt !== undefined && writtenAt > now ? time - (writtenAt - now) : time;
