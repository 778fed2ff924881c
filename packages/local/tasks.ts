import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { availableParallelism, constants } from "node:os";
import { join } from "node:path";
import { PROCESS_VARIABLES } from "../config/process.ts";
import { given } from "../config/read.ts";
import type { Environment, TaskZone } from "../config/zones.ts";
import { isCode } from "../filesystem/error-code.ts";
import type { TaskEnd, TaskRequest } from "../stand-ins/stepfunctions/resources.ts";
import { clearScratch, clearTemporary, noteProcess, openTemporary, signalGroup } from "./left-behind.ts";
import { endOrphans } from "./orphans.ts";
import { createTaskSlots } from "./slots.ts";

/** What a runner gets: its zone's variables, what any process needs, and nothing else of ours. */
export const runnerVariables = (zone: TaskZone, all: Environment): Environment => ({
  ...Object.fromEntries(PROCESS_VARIABLES.map((name) => [name, all[name]])),
  ...given(zone, all),
});

export type TaskDefinition = {
  command: string;
  /** Asked at each start. */
  args(): string[];
  variables: Environment;
  /** Goes before others that wait: what is short and ends something has a short time-out, which runs while it waits. */
  isUrgent?: boolean;
};

/** As Fargate: SIGTERM, and SIGKILL for what is still there after 30 s. */
const STOP_GRACE_MS = 30_000;

/** A runner takes about 140 MB and, when it starts, most of a core: a job of five starts at once, fifty jobs wait. */
const MAX_TASKS = Math.max(8, 2 * availableParallelism());

/**
 * Runs a task as a child process. `folder`: gets a log for every try in `logs/`, and while it runs a scratch folder
 * (CODY_WORK_DIR). The child leads a process group of its own, so that nothing that it started stays behind.
 */
export function createTaskRunner(deps: {
  definitions: Record<string, TaskDefinition>;
  folder: string;
  /** One line for every start and end. */
  log(line: string): void;
  stopGraceMs?: number;
  /** How many run at once; the others wait as a Fargate task waits for its machine. */
  maxTasks?: number;
}) {
  const { definitions, folder, log, stopGraceMs = STOP_GRACE_MS, maxTasks = MAX_TASKS } = deps;
  const logs = join(folder, "logs");
  const slot = createTaskSlots(maxTasks);
  const temporary = openTemporaryWhenAsked(folder);
  let started = 0;

  const run = async ({ taskDefinition, environment, signal }: TaskRequest): Promise<TaskEnd> => {
    const definition = definitions[taskDefinition];
    if (!definition) throw Object.assign(new Error("TaskDefinition not found."), { name: "ECS.ClientException" });
    using _ = await slot(signal, definition);
    started += 1;
    const name = [taskDefinition, ...Object.values(environment), process.pid, started]
      .join("-")
      .replace(/[^\w.-]/g, "-");
    const scratch = join(folder, "scratch", name);
    for (const path of [scratch, logs]) mkdirSync(path, { recursive: true });
    const TMPDIR = temporary.open().folderOf(String(started));
    const logFile = openSync(join(logs, `${name}.log`), "w");
    try {
      const child = spawn(definition.command, definition.args(), {
        env: { ...definition.variables, ...environment, CODY_WORK_DIR: scratch, TMPDIR },
        stdio: ["ignore", logFile, logFile],
        detached: true,
      });
      if (child.pid) noteProcess(scratch, child.pid);
      log(`task ${name}: started${child.pid ? ` as process ${child.pid}` : ""}`);
      const end = await ended(child, signal, stopGraceMs);
      if (end.exitCode !== 0) await endOrphans(scratch).catch((error: unknown) => log(`task ${name}: ${error}`));
      log(`task ${name}: ${end.stoppedReason ?? `exit code ${end.exitCode}`}`);
      return end;
    } finally {
      closeSync(logFile);
      for (const path of [scratch, TMPDIR]) await rm(path, { recursive: true, force: true, maxRetries: 3 });
    }
  };

  return {
    run,
    /** What a killed stack has left in this folder: to be called before the first task. */
    async clear() {
      await clearScratch(join(folder, "scratch"), log);
      clearTemporary(join(folder, TEMPORARY));
    },
    /** Once the last task is gone. */
    close: () => temporary.close(),
  };
}

/** The file that remembers it. */
const TEMPORARY = "temporary";

/** A stack that runs nothing makes no folder. */
function openTemporaryWhenAsked(folder: string) {
  const note = join(folder, TEMPORARY);
  let opened: ReturnType<typeof openTemporary> | undefined;
  return {
    open: () => (opened ??= openTemporary(note)),
    close: () => opened?.close(),
  };
}

async function ended(child: ChildProcess, signal: AbortSignal, stopGraceMs: number): Promise<TaskEnd> {
  const { pid } = child;
  let killing: NodeJS.Timeout | undefined;
  const stop = () => {
    if (pid) signalTo(pid, "SIGTERM");
    killing = setTimeout(() => pid && signalGroup(pid, "SIGKILL"), stopGraceMs);
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise<TaskEnd>((resolve) => {
      child.once("error", (error) =>
        resolve({ exitCode: null, stopCode: "TaskFailedToStart", stoppedReason: error.message }),
      );
      child.once("exit", (code, how) => resolve({ exitCode: how ? 128 + constants.signals[how] : code }));
    });
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(killing);
    if (pid) signalGroup(pid, "SIGKILL");
  }
}

/** To a process; one that has gone is no error. */
function signalTo(pid: number, how: NodeJS.Signals) {
  try {
    process.kill(pid, how);
  } catch (error) {
    if (!isCode(error, "ESRCH")) throw error;
  }
}
