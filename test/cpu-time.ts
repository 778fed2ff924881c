/** CPU time of `work` in ms: on a loaded machine it lasts longer, and takes no more of it. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
