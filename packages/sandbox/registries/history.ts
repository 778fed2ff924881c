import { setTimeout as wait } from "node:timers/promises";
import { ProxyRefusal } from "../proxy/connections.ts";

export type RegistryLimits = {
  requestsPerSecond: number;
  /** Packages that no registry knew: names are all that a command can send. */
  unknownNames: number;
  answerBytes: number;
  /** Over all commands of a run. */
  runBytes: number;
};

const GB = 1024 ** 3;
export const REGISTRY_LIMITS: RegistryLimits = {
  requestsPerSecond: 100,
  unknownNames: 200,
  answerBytes: GB,
  runBytes: 8 * GB,
};

/** What the commands of one run have asked so far. */
export function registryHistory(limits: RegistryLimits, now: () => number = performance.now.bind(performance)) {
  const unknown = new Set<string>();
  const known = new Set<string>();
  const modules = new Set<string>();
  let bytes = 0;
  let next = 0;
  return {
    /** Resolves when the next request may go out. */
    async turn(): Promise<void> {
      const at = Math.max(next, now() - 1_000);
      next = at + 1_000 / limits.requestsPerSecond;
      if (at > now()) await wait(at - now());
    },
    /** @throws ProxyRefusal once the limit is reached, but for names that are known to be unknown. */
    checkName(name: string) {
      if (unknown.size < limits.unknownNames || unknown.has(name) || known.has(name)) return;
      throw new ProxyRefusal(
        429,
        `${limits.unknownNames} names were asked for that no registry knows: no further names are looked up in this run.`,
      );
    },
    /** How a registry answered. */
    learn({ name, module }: { name?: string; module?: string }, status: number) {
      if (name !== undefined && (status === 404 || status === 410)) unknown.add(name);
      if (name !== undefined && status < 400) known.add(name);
      if (module !== undefined && status === 200) modules.add(module);
    },
    gaveOut: (module: string) => modules.has(module),
    /** @throws ProxyRefusal when an answer or the run has had its share. */
    count(chunkBytes: number, answerBytes: number) {
      bytes += chunkBytes;
      if (answerBytes > limits.answerBytes)
        throw new ProxyRefusal(502, "This answer is larger than a command may read.");
      if (bytes > limits.runBytes) throw new ProxyRefusal(502, "This run has read all that it may from registries.");
    },
  };
}
export type RegistryHistory = ReturnType<typeof registryHistory>;
