import { z } from "zod";
import { plural } from "../../text/counts.ts";
import { andMore } from "../../text/lists.ts";
import { afterChange } from "./said.ts";
import { fitting, refuse, showName } from "./text.ts";
import type { Tool } from "./tool.ts";

const MAX_MOVES = 2_000;
const MAX_CHARS = 4_000;

const OneMove = z.object({ from: z.string().min(1).max(1_000), to: z.string().min(1).max(1_000) });

const Input = z.preprocess(
  fromOneMove,
  z.object({ moves: z.array(OneMove).min(1).max(MAX_MOVES).describe("made in order; all of them or none") }),
);

export const moveFileTool: Tool<z.infer<typeof Input>> = {
  name: "move_file",
  description:
    "Move or rename files and folders. `to` is the new path itself. A folder moved onto a folder is merged into it where no file collides; no file is ever overwritten.",
  schema: Input,
  kind: "changed",
  doing: ({ moves }) => `moving ${moves[0]!.from}${andMore(moves.length)}`,
  done: ({ moves }) => `moved ${moves[0]!.from} to ${moves[0]!.to}${andMore(moves.length)}`,
  pathOf: ({ moves }) => moves[0]!.to,
  async run({ moves }, { tree }) {
    if (moves.some(({ from, to }) => from === to))
      refuse("from and to are the same path. Name another target, or leave the file where it is.");
    const changed = await tree.change(moves.map((move) => ({ kind: "move", ...move })));
    const done = moves.map(({ from, to }) => `${showName(from)} to ${showName(to)}`);
    if (done.length === 1) return `Moved ${done[0]}.${afterChange(changed)}`;
    const named = fitting(done, MAX_CHARS);
    const more = done.length > named.length ? `\n[and ${done.length - named.length} more, as asked]` : "";
    return `Made ${plural(done.length, "move")}:\n${named.join("\n")}${more}${afterChange(changed).replace(/^ /, "\n")}`;
  },
};

/** Conversations of earlier releases hold one move a call. */
function fromOneMove(input: unknown): unknown {
  if (typeof input !== "object" || input === null || "moves" in input || !("from" in input)) return input;
  const { from, to, ...rest } = input as Record<string, unknown>;
  return { ...rest, moves: [{ from, to }] };
}
