import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import type { EndedBy } from "./walls.ts";

/** A process to start, already shut in by its tier. */
export type Start = {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** Bytes for file descriptors 3, 4, ... of the process. */
  feeds?: Uint8Array[];
};

export type Supervision = {
  timeoutMs: number;
  signal?: AbortSignal;
  stdin?: Uint8Array;
  onStdout(chunk: Buffer): void;
  /** Both streams together; beyond it the process is ended. */
  maxPrintedBytes: number;
  /**
   * Ends the process and whatever it started; called at most a few times, also after a normal end. `died`: it was ended
   * by a signal, so it cannot have cleared up itself.
   */
  endAll(pid: number, died: boolean): Promise<void> | void;
  /** Called while it runs; says when it must end. */
  watch?: (pid: number) => Promise<EndedBy | undefined>;
};

export type Exit = { exitCode: number | null; signal: NodeJS.Signals | null; ended?: EndedBy; stderr: string };

const WATCH_EVERY_MS = 500;
const MAX_STDERR_CHARS = 16_000;

/** Starts a process, supervises it and resolves when it and everything it started is gone. */
export async function launch(start: Start, supervision: Supervision): Promise<Exit> {
  const { promise, resolve, reject } = Promise.withResolvers<Exit>();
  const feeds = start.feeds ?? [];
  const { plugs, close } = plugsAbove(2 + feeds.length);
  const child = spawn(start.file, start.args, {
    cwd: start.cwd,
    env: start.env,
    // A group of its own: the unsafe tier has nothing better to end it by.
    detached: true,
    stdio: [supervision.stdin ? "pipe" : "ignore", "pipe", "pipe", ...feeds.map(() => "pipe" as const), ...plugs],
  });
  close();
  let ended: EndedBy | undefined;
  let printed = 0;
  let stderr = "";
  const endAll = async () => {
    if (child.pid) await supervision.endAll(child.pid, child.signalCode !== null);
  };
  const end = (why: EndedBy) => {
    ended ??= why;
    endAll().catch(reject);
  };
  const count = (chunk: Buffer) => {
    printed += chunk.length;
    if (printed > supervision.maxPrintedBytes) end("output");
  };
  const timer = setTimeout(end, supervision.timeoutMs, "time");
  const watching = setInterval(() => {
    if (child.pid) supervision.watch?.(child.pid).then((why) => why && end(why), reject);
  }, WATCH_EVERY_MS);
  const cancel = () => end("cancelled");
  supervision.signal?.addEventListener("abort", cancel);
  if (supervision.signal?.aborted) cancel();

  child.stdout?.on("data", (chunk: Buffer) => {
    count(chunk);
    if (ended !== "output") supervision.onStdout(chunk);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    count(chunk);
    stderr = (stderr + chunk.toString()).slice(-MAX_STDERR_CHARS);
  });
  // It may end without reading what we feed it.
  for (const stream of child.stdio) stream?.on("error", () => {});
  child.stdin?.end(supervision.stdin);
  feeds.forEach((bytes, i) => {
    const feed = child.stdio[3 + i];
    if (feed && "end" in feed) feed.end(bytes);
  });

  child.on("error", reject);
  // A daemon may hold our pipes open: end what is left first, then wait for them to close.
  child.on("exit", () => endAll().catch(reject));
  child.on("close", (exitCode, signal) => resolve({ exitCode, signal, stderr, ...(ended && { ended }) }));
  try {
    const exit = await promise;
    await endAll();
    return exit;
  } finally {
    clearTimeout(timer);
    clearInterval(watching);
    supervision.signal?.removeEventListener("abort", cancel);
    for (const stream of child.stdio) (stream as Readable | null)?.destroy();
  }
}

const O_CLOEXEC = 0o2000000;

/**
 * What we inherited without close-on-exec would be inherited by every command too. Node marks what it finds, but stops
 * at the first gap, and "ignore" leaves a descriptor above 2 as it is: /dev/null takes the place of each.
 */
function plugsAbove(last: number): { plugs: number[]; close(): void } {
  const leaking = inheritedDescriptors().filter((fd) => fd > last);
  if (leaking.length === 0) return { plugs: [], close() {} };
  const nothing = openSync("/dev/null", "r");
  return {
    plugs: Array.from({ length: Math.max(...leaking) - last }, () => nothing),
    close: () => closeSync(nothing),
  };
}

function inheritedDescriptors(): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/fd")
    .map(Number)
    .filter((fd) => {
      try {
        const flags = /^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1];
        return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
      } catch {
        return false; // The descriptor of this very listing is gone again.
      }
    });
}
