import type { CommandResult } from "../jobs/outcome.ts";
import type { CommandNetwork } from "../sandbox/sandbox.ts";
import type { Redactor } from "../secrets/redact.ts";
import { clip } from "../text/cut.ts";
import { shownOutput } from "../text/shown-output.ts";
import { runCommand } from "../workspace/run-command.ts";
import type { Workspace } from "../workspace/workspace.ts";

const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_TAIL_CHARS = 4_000;

export type CommandOfJob = {
  command: string;
  network?: CommandNetwork;
  signal: AbortSignal;
  /** Lower than the deployment's own limit, where the repository's settings say so. */
  maxMs?: number | undefined;
  follow?: (soFar: () => string) => void;
};

/** The job's setup command or check. Without a sandbox it does not run, and the result says so. */
export async function runJobCommand(
  workspace: Workspace,
  request: CommandOfJob,
  {
    redactor,
    commandTimeoutMs,
    keep,
  }: { redactor: Redactor; commandTimeoutMs: number; keep?: (output: string) => unknown },
): Promise<CommandResult> {
  const { command, network, signal, maxMs = commandTimeoutMs, follow } = request;
  const { mode, note, remedy } = workspace.sandbox;
  if (mode === "off") {
    const why = remedy ? `${remedy.why} ${remedy.fix}` : note;
    return {
      command,
      exitCode: null,
      timedOut: false,
      durationMs: 0,
      notRun: clip(why, 500),
      tail: `It did not run: ${why}`,
    };
  }
  const { output, ...run } = await runCommand(workspace, {
    command,
    ...(network && { network }),
    signal,
    ...(follow && { follow }),
    timeoutMs: Math.min(maxMs, commandTimeoutMs),
    maxBytes: MAX_OUTPUT_BYTES,
  });
  request.signal.throwIfAborted();
  const { exitCode, timedOut, durationMs, broken } = run;
  const whole = await redactor.redact(output);
  keep?.(whole);
  return {
    command,
    exitCode,
    timedOut,
    durationMs,
    tail: shownOutput(whole, MAX_TAIL_CHARS),
    ...(broken !== undefined && { notRun: clip(broken, 500) }),
  };
}
