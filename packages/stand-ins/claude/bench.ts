import type { Reply } from "./brain.ts";
import { type KnownConversation, pathsFromListFiles } from "./conversation.ts";
import { verdictCall } from "./verdict-call.ts";

export type BenchMode = { turns: number; delayMs?: number };

/** `[bench turns=20]` or `[bench turns=20 delay=500]` anywhere in the prompt. */
export function benchOf(task: string): BenchMode | undefined {
  const [, turns, delay] = /\[bench turns=(\d+)(?: delay=(\d+))?\]/.exec(task) ?? [];
  return turns ? { turns: Number(turns), ...(delay && { delayMs: Number(delay) }) } : undefined;
}

/** So many turns of one read of a hundred lines or so each, file after file, every one a different call; then a verdict of no changes as one more turn. */
export function bench({ turns: done, steps }: KnownConversation, { turns, delayMs }: BenchMode): Reply {
  const pace = delayMs === undefined ? {} : { delayMs };
  const paths = pathsFromListFiles(steps);
  const path = paths[done % paths.length] ?? "README.md";
  if (done >= turns) {
    const evidence = [{ path, note: "read in bench mode" }];
    return {
      ...verdictCall({ outcome: "not-needed", summary: `Bench mode: ${done} turns of reads.`, evidence }),
      ...pace,
    };
  }
  const call =
    done === 0
      ? { name: "list_files", input: {} }
      : { name: "read_file", input: { path, from_line: 1, to_line: 100 + done } };
  return { thinking: "", text: `Bench turn ${done + 1} of ${turns}.`, calls: [call], ...pace };
}
