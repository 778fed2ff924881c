import { listed } from "../../text/lists.ts";
import type { Reply } from "./brain.ts";
import { filesRead, type KnownConversation, type KnownFile } from "./conversation.ts";
import { editsOf } from "./raise/edits.ts";
import { knownText, type Replacement } from "./raise/plan.ts";
import { verdictCall } from "./verdict-call.ts";

/** In the words of `git diff --check`. */
const TRAILING = /^(\S+):(\d+): trailing whitespace\.?$/gm;

type Place = { path: string; line: number };

/** One honest repair: blanks at the end of lines that a failing check names by file and line. */
export function fixChecks({ material, steps, isLastTurn }: KnownConversation): Reply {
  const places = [...material.matchAll(TRAILING)].map(([, path, line]): Place => ({ path: path!, line: Number(line) }));
  const paths = [...new Set(places.map(({ path }) => path))];
  const firstEdit = steps.findIndex(({ name }) => name === "edit_file");
  const files = filesRead(firstEdit === -1 ? steps : steps.slice(0, firstEdit));
  const unread = paths.filter((path) => !steps.some(({ name, input }) => name === "read_file" && input.path === path));
  if (unread.length > 0 && !isLastTurn)
    return {
      thinking: "[scripted model] The check names lines: I read them.",
      text: `I read ${listed(unread)}.`,
      calls: unread.map((path) => ({ name: "read_file", input: { path } })),
    };
  const changes = places.flatMap((place) => withoutBlanks(place, files.get(place.path)));
  const edited = steps.filter(({ name, isError }) => name === "edit_file" && !isError);
  if (changes.length > 0 && edited.length === 0 && !isLastTurn)
    return {
      thinking: "[scripted model] I take the blanks away.",
      text: "I take the blanks at the end of these lines away.",
      calls: editsOf(changes, files).map((input) => ({ name: "edit_file", input })),
    };
  const evidence = changes.map(({ path }) => ({ path, note: "had blanks at the end of a line that the check names" }));
  if (edited.length === 0)
    return verdictCall({
      outcome: "blocked",
      missing: "A model that can do this task: set ANTHROPIC_API_KEY to let Claude work on it.",
      summary:
        "I am a script, not a model: I can take blanks from the end of lines that a check names, and found none to take away. I changed nothing in this round.",
      evidence,
    });
  return verdictCall({
    outcome: "changed",
    summary: `Took the blanks at the end of lines away that the failing check names, in ${listed(paths)}. I looked at nothing else; the changes of earlier rounds are as they were.`,
    evidence,
    title: "Take blanks at the end of lines away, beside the earlier changes",
    body: `A failing check names lines of ${listed(paths.map((path) => `\`${path}\``))} with blanks at their end; they are gone. The changes of earlier rounds are in here as they were.`,
  });
}

function withoutBlanks({ path, line }: Place, file: KnownFile | undefined): Replacement[] {
  if (!file) return [];
  const text = knownText(file);
  const before = text.split("\n").slice(0, line - 1);
  const [blanks] = /[ \t]+$/.exec(text.split("\n")[line - 1] ?? "") ?? [];
  if (blanks === undefined) return [];
  const start = before.reduce((sum, one) => sum + one.length + 1, 0);
  return [
    { path, at: start + text.split("\n")[line - 1]!.length - blanks.length, length: blanks.length, replacement: "" },
  ];
}
