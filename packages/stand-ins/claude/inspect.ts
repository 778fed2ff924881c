import { head } from "../../text/cut.ts";
import type { Reply } from "./brain.ts";
import { filesRead, type KnownConversation, pathsFromListFiles } from "./conversation.ts";
import { verdictCall } from "./verdict-call.ts";

const TELLING = [
  /^readme/i,
  /(^|\/)package\.json$/,
  /(^|\/)pom\.xml$/,
  /(^|\/)build\.gradle/,
  /(^|\/)pyproject\.toml$/,
  /(^|\/)go\.mod$/,
];
const MAX_FILES = 4;

/** For a prompt beyond the script: look, say what was seen, change nothing. */
export function inspect({ task, steps, isLastTurn }: KnownConversation): Reply {
  const paths = pathsFromListFiles(steps);
  const read = filesRead(steps);
  if (steps.length === 0) {
    return {
      thinking: "[scripted model] Not a task I have a script for. I look around.",
      text: "I list the files.",
      calls: [{ name: "list_files", input: {} }],
    };
  }
  const telling = TELLING.flatMap((pattern) => paths.find((path) => pattern.test(path)) ?? []).slice(0, MAX_FILES);
  const unread = telling.filter(
    (path) => !steps.some(({ name, input }) => name === "read_file" && input.path === path),
  );
  if (unread.length > 0 && !isLastTurn) {
    return {
      thinking: "",
      text: `I read ${unread.join(", ")}.`,
      calls: unread.map((path) => ({ name: "read_file", input: { path, from_line: 1, to_line: 80 } })),
    };
  }
  const evidence = [...read].map(([path, { lines }]) => ({
    path,
    note: `begins with: ${lines.get(1) ?? "(nothing)"}`,
  }));
  return verdictCall({
    outcome: "blocked",
    missing: "A model that can do this task: set ANTHROPIC_API_KEY to let Claude work on it.",
    summary: `I am a script, not a model, and have no skill for this task (${JSON.stringify(head(task, 120))}). I saw ${paths.length} files and changed nothing.`,
    evidence: evidence.length > 0 ? evidence : [{ path: paths[0] ?? ".", note: "all there is to see" }],
  });
}
