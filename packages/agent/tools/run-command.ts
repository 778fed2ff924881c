import { z } from "zod";
import type { CommandEnd } from "../../conversation/conversation.ts";
import { visible } from "../../encoding/visible.ts";
import { exactDuration } from "../../text/duration.ts";
import { shownOutput } from "../../text/shown-output.ts";
import { restOfOutput } from "../kept-outputs.ts";
import type { TreeCommandRun } from "../tree.ts";
import { inShort, refuse } from "./text.ts";
import type { Tool } from "./tool.ts";

const MAX_SECONDS = 600;
const DEFAULT_SECONDS = 120;
const MAX_OUTPUT_CHARS = 16_000;

const Input = z.object({
  command: z.string().min(1).max(10_000),
  timeout_seconds: z.int().min(1).max(MAX_SECONDS).optional().describe(`default ${DEFAULT_SECONDS}`),
  network: z
    .enum(["registries"])
    .optional()
    .describe(
      "registries: the public package registries, read only (add, raise and lock dependencies). Git dependencies and uploads do not work.",
    ),
});

export const RUN_COMMAND = "run_command";

export const runCommandTool: Tool<z.infer<typeof Input>> = {
  name: RUN_COMMAND,
  description:
    "Run a command in a fresh shell at the repository's root. No network but what `network` opens, no secrets; nothing survives it but files.",
  schema: Input,
  kind: "ran",
  needsCommands: true,
  mayTakeLong: true,
  doing: ({ command }) => `running ${inShort(command, 80)}`,
  done: ({ command }, answer) => `ran ${inShort(command)}${endWords(answer?.command)}`,
  async run({ command, timeout_seconds = DEFAULT_SECONDS, network }, { tree, signal, redact }) {
    if (!tree.run) return refuse("This machine runs no commands.");
    const done = await tree.run(command, {
      timeoutMs: timeout_seconds * 1_000,
      ...(network && { network }),
      ...(signal && { signal }),
    });
    const output = visible(redact ? await redact(done.output) : done.output);
    const shown = shownOutput(output, MAX_OUTPUT_CHARS);
    const rest = shown === output ? "" : restOfOutput(tree.outputs.keep(output), output, shown);
    return {
      text: `${howItEnded(done)}\n${shown || "(no output)"}${rest}`,
      command: commandEnd(done, done.broken !== undefined),
    };
  },
};

/** Nothing for a conversation of an earlier release, which says it in the answer alone. */
function endWords(end: CommandEnd | undefined): string {
  if (!end) return "";
  if (end.notRun) return ": could not run";
  const how = end.timedOut ? "timed out" : end.exitCode === null ? "ended by a signal" : `exit code ${end.exitCode}`;
  return `: ${how} after ${exactDuration(end.durationMs)}`;
}

/** As it is stored with the turn. */
export const commandEnd = (
  { exitCode, timedOut, durationMs }: Omit<CommandEnd, "notRun">,
  notRun: boolean,
): CommandEnd => ({ exitCode, timedOut, durationMs, ...(notRun && { notRun }) });

/** One line for the model; `CommandEnd` says the same as data. */
export function howItEnded({ exitCode, timedOut, durationMs, broken }: Omit<TreeCommandRun, "output">): string {
  const seconds = `${(durationMs / 1_000).toFixed(1)} s`;
  if (broken !== undefined) return "[it could not run; that is the machine's fault, not the command's]";
  if (timedOut) return `[timed out after ${seconds}; every process of it was ended]`;
  return exitCode === null ? `[ended by a signal after ${seconds}]` : `[exit code ${exitCode} after ${seconds}]`;
}
