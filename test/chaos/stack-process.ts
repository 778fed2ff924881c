import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

type Answer = { up?: true; id?: number; value?: unknown; error?: string };
export type Start = {
  folder: string;
  port: number;
  share: number;
  twiceShare: number;
  seed: number;
  planted: string;
  env: NodeJS.ProcessEnv;
};

const UP_MS = 60_000;

/** The stack in a process of its own. Rejects when it does not come up. */
export async function startStackProcess({ folder, port, share, twiceShare, seed, planted, env }: Start) {
  const args = [folder, port, share, twiceShare, seed, planted].map(String);
  const child: ChildProcess = fork(join(import.meta.dirname, "host.ts"), args, {
    env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output = (output + chunk).slice(-4_000);
    });
  const waiting = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  let killed = false;
  const ended = once(child, "exit").then(([code, signal]) => {
    for (const settle of waiting.values()) settle({ error: "the stack has ended" });
    return { byItself: !killed, code, signal, output };
  });
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not up after ${UP_MS} ms: ${output}`)), UP_MS);
    child.on("message", (answer: Answer) => {
      if (answer.up) resolve();
      else waiting.get(answer.id!)?.(answer);
    });
    ended.then(() => reject(new Error(`ended before it was up: ${output}`)));
    ended.finally(() => clearTimeout(late));
    child.once("message", () => clearTimeout(late));
  });

  return {
    ended,
    isUp: () => child.exitCode === null && child.signalCode === null,
    ask(command: string, input?: unknown): Promise<unknown> {
      asked += 1;
      const id = asked;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.set(id, ({ value, error }) => {
        waiting.delete(id);
        if (error === undefined) resolve(value);
        else reject(new Error(`${command}: ${error}`));
      });
      child.send({ id, command, input }, (error) => error && waiting.get(id)?.({ error: error.message }));
      return promise;
    },
    async kill() {
      killed = true;
      child.kill("SIGKILL");
      await ended;
    },
    /** Asks it to stop, and waits. */
    async stop() {
      killed = true;
      await this.ask("stop").catch(() => {});
      const late = setTimeout(() => child.kill("SIGKILL"), 40_000);
      const end = await ended;
      clearTimeout(late);
      return end;
    },
  };
}
export type StackProcess = Awaited<ReturnType<typeof startStackProcess>>;
