import type { Artifacts } from "../../packages/store/artifacts.ts";
import { createRecords } from "../../packages/store/records.ts";

/** The runner's records over objects in memory, put once. */
export function memoryRecords() {
  const objects = new Map<string, Uint8Array>();
  const artifacts = {
    putOnce: async (key, body) => {
      if (objects.has(key)) return "exists";
      objects.set(key, Buffer.from(body));
      return "stored";
    },
    read: async (key) => objects.get(key),
    async *list(prefix) {
      yield* [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
    },
    link: async (key) => key,
  } as Artifacts;
  return { records: createRecords(artifacts), keys: () => [...objects.keys()], objects };
}
