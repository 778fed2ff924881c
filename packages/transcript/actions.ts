import type { CommandEnd } from "../conversation/conversation.ts";
import { clip } from "../text/cut.ts";
import { exactDuration } from "../text/duration.ts";
import { andMore } from "../text/lists.ts";
import type { Call } from "./calls.ts";

const ACTION_KINDS = ["looked", "changed", "ran", "reported", "other"] as const;

/** A call in a few words for people: "read pom.xml". */
export type Action = {
  kind: (typeof ACTION_KINDS)[number];
  words: string;
  /** The file it looked at or changed. */
  path?: string;
  failed: boolean;
};

const MAX_WORDS = 160;

/** The agent's tools by name; one that is not here still has its name and its arguments. */
export function actionOf({ name, input, result }: Call): Action {
  const word = (key: string) => line(input[key]);
  const failed = result?.isError === true;
  const at = (path: string) => ({ path, failed });
  switch (name) {
    case "list_files":
      return { kind: "looked", words: input.glob ? `listed ${word("glob")}` : "listed the files", failed };
    case "read_file":
      return { kind: "looked", words: `read ${word("path")}${lines(input)}`, ...at(word("path")) };
    case "search":
      return {
        kind: "looked",
        words: `searched for ${word("pattern")}${input.glob ? ` in ${word("glob")}` : ""}`,
        failed,
      };
    case "edit_file":
      return { kind: "changed", words: `edited ${word("path")}`, ...at(word("path")) };
    case "replace_in_files":
      return {
        kind: "changed",
        words: `replaced ${word("old_text")} everywhere${input.glob ? ` in ${word("glob")}` : ""}`,
        failed,
      };
    case "write_file":
      return { kind: "changed", words: wroteWords(word("path"), input), ...at(word("path")) };
    case "delete_file": {
      const { first, more } = several(input.paths, input.path);
      return { kind: "changed", words: `deleted ${line(first)}${more}`, ...at(line(first)) };
    }
    case "move_file": {
      const { first, more } = several(input.moves, input);
      const { from, to } = Object(first);
      return { kind: "changed", words: `moved ${line(from)} to ${line(to)}${more}`, ...at(line(to)) };
    }
    case "run_command": {
      const ended = result?.command;
      const bad = ended !== undefined && ended.exitCode !== 0;
      return { kind: "ran", words: `ran ${word("command")}${exitOf(ended)}`, failed: failed || bad };
    }
    case "report_verdict":
      return { kind: "reported", words: verdictWords(input.wereChangesNecessary, failed, result?.text), failed };
    default:
      return { kind: "other", words: clip(`called ${name} ${JSON.stringify(input)}`, MAX_WORDS), failed };
  }
}

/** What the model sends need not fit the tool's schema. */
const textOf = (value: unknown) => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

const line = (value: unknown) => clip(textOf(value).split("\n", 1)[0]!, MAX_WORDS);

/** A list of today's calls, or the one thing that a call of an earlier release names. */
function several(list: unknown, one: unknown): { first: unknown; more: string } {
  if (!Array.isArray(list) || list.length === 0) return { first: one, more: "" };
  return { first: list[0], more: andMore(list.length) };
}

function wroteWords(path: string, input: Call["input"]): string {
  if (input.link_to !== undefined) return `made ${path} a link to ${line(input.link_to)}`;
  if (input.content === undefined && typeof input.executable === "boolean")
    return `made ${path} ${input.executable ? "" : "not "}executable`;
  return `wrote ${path}`;
}

function lines({ from_line: from, to_line: to }: Call["input"]): string {
  if (typeof from === "number" && typeof to === "number") return `, lines ${from} to ${to}`;
  if (typeof from === "number") return ` from line ${from}`;
  return typeof to === "number" ? ` to line ${to}` : "";
}

/** Nothing for a conversation of an earlier release, which says it in the answer alone. */
function exitOf(ended: CommandEnd | undefined): string {
  if (!ended) return "";
  if (ended.notRun) return ": could not run";
  const how = ended.timedOut
    ? "timed out"
    : ended.exitCode === null
      ? "ended by a signal"
      : `exit code ${ended.exitCode}`;
  return `: ${how} after ${exactDuration(ended.durationMs)}`;
}

function verdictWords(necessary: unknown, failed: boolean, answer: string | undefined): string {
  const claim = necessary === true ? "changes were necessary" : "no changes were necessary";
  // A verdict that counts ends the round unanswered; any answer sent it back.
  if (failed) return `reported that ${claim}, which did not fit the tree`;
  return answer === undefined ? `reported that ${claim}` : `reported that ${claim}, and was asked to check again`;
}
