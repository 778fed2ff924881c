import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { isCode } from "../filesystem/error-code.ts";
import { tail } from "../text/cut.ts";
import type { EndedBy } from "./sandbox.ts";

/** A process to start, already shut in by its mode. */
export type Start = {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** Bytes for file descriptors 3, 4, ... of the process. */
  feeds?: Uint8Array[];
  /** The descriptor after these is written to by the process, about itself. */
  reports?: boolean;
};

/** What is known of a process that has to end. */
export type EndingProcess = {
  /** It was ended by a signal, so it cannot have cleared up itself. */
  died: boolean;
  /** What it reported so far. */
  report: string;
};

export type EndedFor = { by: EndedBy; why?: string };

export type Supervision = {
  timeoutMs: number;
  signal?: AbortSignal;
  stdin?: Uint8Array;
  onStdout(chunk: Buffer): void;
  /** Both streams together; beyond it the process is ended. */
  maxPrintedBytes: number;
  /**
   * Ends the process and whatever it started, and resolves when all of it is gone; called at most a few times, also
   * after a normal end.
   */
  endAll(pid: number, ending: EndingProcess): Promise<void> | void;
  /** Called while it runs; says when it must end. */
  watch?: (pid: number) => Promise<EndedFor | undefined>;
};

export type Exit = {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  ended?: EndedBy;
  /** Beyond `ended`. */
  why?: string;
  stderr: string;
};

const WATCH_EVERY_MS = 500;
const MAX_STDERR_CHARS = 16_000;

/** Starts a process and supervises it. When it resolves or rejects, the process and everything it started is gone. */
export async function launch(start: Start, supervision: Supervision): Promise<Exit> {
  const child = spawnWithFeeds(start, supervision.stdin !== undefined);
  const { promise, resolve, reject } = Promise.withResolvers<Exit>();
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  let ended: EndedFor | undefined;
  let printed = 0;
  let stderr = "";
  // A character may come in two chunks.
  const words = new TextDecoder();
  let report = "";
  const endAll = async () => {
    if (child.pid) await supervision.endAll(child.pid, { died: child.signalCode !== null, report });
  };
  const end = (by: EndedBy, why?: string) => {
    ended ??= { by, ...(why !== undefined && { why }) };
    endAll().catch(reject);
  };
  const count = (chunk: Buffer) => {
    printed += chunk.length;
    if (printed > supervision.maxPrintedBytes) end("output");
  };
  const timer = setTimeout(end, supervision.timeoutMs, "time");
  const watching = setInterval(() => {
    if (child.pid) supervision.watch?.(child.pid).then((due) => due && end(due.by, due.why), reject);
  }, WATCH_EVERY_MS);
  const cancel = () => end("cancelled");
  supervision.signal?.addEventListener("abort", cancel);
  if (supervision.signal?.aborted) cancel();

  child.stdout?.on("data", (chunk: Buffer) => {
    count(chunk);
    if (ended?.by !== "output") supervision.onStdout(chunk);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    count(chunk);
    stderr = tail(stderr + words.decode(chunk, { stream: true }), MAX_STDERR_CHARS);
  });
  const streams = streamsOf(child);
  // It may end without reading what we feed it.
  for (const stream of streams) stream?.on("error", () => {});
  child.stdin?.end(supervision.stdin);
  const feeds = start.feeds ?? [];
  feeds.forEach((bytes, i) => {
    const feed = streams[3 + i];
    if (feed && "end" in feed) feed.end(bytes);
  });
  const reports = start.reports ? streams[3 + feeds.length] : undefined;
  reports?.on("data", (chunk: Buffer) => {
    report += chunk;
  });

  child.on("error", reject);
  // A daemon may hold our pipes open: end what is left first, then wait for them to close.
  child.on("exit", () => endAll().catch(reject));
  child.on("close", (exitCode, signal) =>
    resolve({ exitCode, signal, stderr, ...(ended && { ended: ended.by, ...(ended.why && { why: ended.why }) }) }),
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    clearInterval(watching);
    supervision.signal?.removeEventListener("abort", cancel);
    await endAll();
    if (child.pid) await exited;
    for (const stream of streams) (stream as Readable | null)?.destroy();
  }
}

function spawnWithFeeds(start: Start, hasInput: boolean): ChildProcess {
  const pipes = [...(start.feeds ?? []), ...(start.reports ? ["report"] : [])].map(() => "pipe" as const);
  const { plugs, close } = plugsAbove(2 + pipes.length);
  try {
    return spawn(start.file, start.args, {
      cwd: start.cwd,
      env: start.env,
      // A group of its own: the unsafe mode has nothing better to end it by.
      detached: true,
      stdio: [hasInput ? "pipe" : "ignore", "pipe", "pipe", ...pipes, ...plugs],
    });
  } finally {
    close();
  }
}

/** A process that could not be started for want of descriptors has no streams, whatever the types say. */
const streamsOf = (child: ChildProcess) => (child.stdio as ChildProcess["stdio"] | undefined) ?? [];

const O_CLOEXEC = 0o2000000;

/** Looked for once, since each costs a read and Node opens nothing without close-on-exec: a runner has dozens open. */
let inherited: number[] | undefined;

/**
 * What we inherited without close-on-exec would be inherited by every command too. Node marks what it finds, but stops
 * at the first gap, and "ignore" leaves a descriptor above 2 as it is: /dev/null takes the place of each that leaks.
 */
function plugsAbove(last: number): { plugs: (number | "ignore")[]; close(): void } {
  inherited ??= inheritedDescriptors();
  const leaking = inherited.filter((fd) => fd > last);
  if (leaking.length === 0) return { plugs: [], close() {} };
  const nothing = openSync("/dev/null", "r");
  const count = Math.max(...leaking) - last;
  return {
    plugs: Array.from({ length: count }, (_, i) => (leaking.includes(last + 1 + i) ? nothing : "ignore")),
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
      } catch (error) {
        if (isCode(error, "ENOENT")) return false; // The descriptor of this very listing is gone again.
        throw error;
      }
    });
}
