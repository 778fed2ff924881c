import { setTimeout as wait } from "node:timers/promises";
import { ProxyRefusal } from "../proxy/connections.ts";

export type RegistryLimits = {
  requestsPerSecond: number;
  /** Packages that no registry has given out: names are all that a command can send. */
  unknownNames: number;
  /** Versions, files and the like, of known packages too, that a registry has not given out. */
  unknownPaths: number;
  answerBytes: number;
  /** Over all commands of a run. */
  runBytes: number;
};

const GB = 1024 ** 3;
export const REGISTRY_LIMITS: RegistryLimits = {
  requestsPerSecond: 100,
  unknownNames: 200,
  unknownPaths: 2_000,
  answerBytes: GB,
  runBytes: 8 * GB,
};

/** What the commands of one run have asked so far. */
export function registryHistory(limits: RegistryLimits, now: () => number = performance.now.bind(performance)) {
  const names = { open: new Set<string>(), known: new Set<string>() };
  const places = new Set<string>();
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
    /**
     * What is asked for counts from now on until a registry gives it out: what is asked for at once, is redirected or
     * is never waited for has been sent all the same.
     * @throws ProxyRefusal once the limit is reached.
     */
    ask({ name, place }: { name?: string; place: string }) {
      if (name !== undefined && !names.known.has(name))
        bounded(
          names.open,
          name,
          limits.unknownNames,
          "names were asked for that no registry knows: no further names are",
        );
      bounded(places, place, limits.unknownPaths, "paths were asked for that no registry has: no further ones are");
    },
    /** How a registry answered. */
    learn({ name, place, module }: { name?: string; place?: string; module?: string }, status: number) {
      const isThere = (status >= 200 && status < 300) || status === 304;
      if (name !== undefined && isThere) {
        names.open.delete(name);
        names.known.add(name);
      }
      if (place !== undefined && isThere) places.delete(place);
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

function bounded(open: Set<string>, one: string, limit: number, says: string) {
  if (open.size >= limit && !open.has(one)) throw new ProxyRefusal(429, `${limit} ${says} looked up in this run.`);
  open.add(one);
}

export type RegistryHistory = ReturnType<typeof registryHistory>;
