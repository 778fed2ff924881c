import { Command } from "../packages/jobs/given-text.ts";
import { clip } from "../packages/text/cut.ts";
import { countHidden, withoutHidden } from "../packages/text/hidden.ts";
import { listed } from "../packages/text/lists.ts";

/** What Slack, a phone or a copied page puts in place of the characters that a shell reads. */
const TYPOGRAPHIC: [RegExp, string, string][] = [
  [/[\u2012-\u2015\u2e3a\u2e3b]/g, "--", "a dash"],
  [/[\u2010\u2011\u2212\ufe63\uff0d]/g, "-", "a typographic hyphen"],
  [/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"', "a curly quote"],
  [/[\u2018-\u201b\u2032\u2039\u203a]/g, "'", "a curly quote"],
  [/\u2026/g, "...", "an ellipsis"],
];
const SPACES = /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;
const withPlainSpaces = (command: string) => command.replace(/\r\n?/g, "\n").replace(SPACES, " ");
/** Between straight quotes a person means what stands there: a dash that is looked for, for one. */
const QUOTED = /'[^']*'|"(?:\\.|[^"\\])*"/g;
const MAX_SHOWN = 300;

/** As it was meant: with the characters of a keyboard. */
export const asTyped = (command: string) => withoutHidden(withPlainSpaces(repaired(command))).trim();

/**
 * Why a command would not do what its writer meant, and what to paste instead: shells take `—test` for a file's name.
 * undefined: nothing about it is typographic.
 */
export function typedCommandProblem(command: string): string | undefined {
  const open = command.replace(QUOTED, "");
  const found = [
    ...TYPOGRAPHIC.filter(([characters]) => open.search(characters) !== -1).map(([, , what]) => what),
    ...(command.search(SPACES) === -1 ? [] : ["a no-break space"]),
    ...(countHidden(withPlainSpaces(command)) === 0 ? [] : ["an invisible character"]),
  ];
  if (found.length === 0) return undefined;
  return `This holds ${listed([...new Set(found)])}, as Slack and some keyboards make them: a shell does not understand it. Paste this instead: ${clip(asTyped(command), MAX_SHOWN)}`;
}

/** What a person typed as a command counts from here on: nothing is paid for one that no shell understands. */
export const TypedCommand = Command.optional().superRefine((text, context) => {
  const problem = text === undefined ? undefined : typedCommandProblem(text);
  if (problem) context.addIssue({ code: "custom", message: problem });
});

/** A quoted part stays as it is, unless its own quotes are what has to be made straight. */
function repaired(command: string): string {
  const straight = (text: string) =>
    TYPOGRAPHIC.reduce((done, [characters, instead]) => done.replace(characters, instead), text);
  let end = 0;
  let done = "";
  for (const { 0: quoted, index } of command.matchAll(QUOTED)) {
    done += straight(command.slice(end, index)) + quoted;
    end = index + quoted.length;
  }
  return done + straight(command.slice(end));
}
