import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

/** What Lambda's runtime does with a bundle: its own environment, one event after another, JSON in and out. */
const RUNTIME = `
  const { parentPort, workerData } = require("node:worker_threads");
  const loaded = import(workerData.bundle);
  parentPort.on("message", async ({ id, event }) => {
    try {
      const answer = await (await loaded).handler(JSON.parse(event), {});
      parentPort.postMessage({ id, answer: JSON.stringify(answer ?? null) });
    } catch (error) {
      parentPort.postMessage({ id, error: { name: error.name, message: error.message } });
    }
  });`;

type Reply = { id: number; answer?: string; error?: { name: string; message: string } };

/**
 * A function as it is deployed: `bundle` is the URL of its index.mjs, `env` all that it may see. It is loaded when it is
 * first asked for something, as Lambda does.
 */
export function startFunction({ bundle, env }: { bundle: URL; env: Record<string, string> }) {
  const waiting = new Map<number, (reply: Reply) => void>();
  let running: Worker | undefined;
  const start = () => {
    const worker = new Worker(RUNTIME, {
      eval: true,
      env,
      workerData: { bundle: bundle.href },
      name: fileURLToPath(bundle),
    });
    worker.on("message", (reply: Reply) => waiting.get(reply.id)?.(reply));
    /** A function that does not load answers every event with that. */
    worker.on("error", (error: Error) => {
      for (const [id, answer] of waiting) answer({ id, error });
    });
    return worker;
  };
  let next = 0;
  return {
    async invoke(event: unknown): Promise<unknown> {
      const id = next++;
      const { promise, resolve } = Promise.withResolvers<Reply>();
      waiting.set(id, resolve);
      running ??= start();
      running.postMessage({ id, event: JSON.stringify(event ?? null) });
      const { answer, error } = await promise;
      waiting.delete(id);
      if (error) throw Object.assign(new Error(error.message), { name: error.name });
      return JSON.parse(answer!);
    },
    stop: async () => void (await running?.terminate()),
  };
}
