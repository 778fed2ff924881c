import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { closest } from "../config/unknown.ts";
import { UserError } from "../jobs/errors.ts";

/** What was typed behind a command. @throws UserError with every problem, and with `help`: where one reads what there is. */
export function readFlags<const Options extends ParseArgsOptionsConfig>(
  args: string[],
  options: Options,
  help: string,
) {
  const given = withNegativeNumbers(args, options);
  const { tokens } = parseArgs({ args: given, options, strict: false, allowPositionals: true, tokens: true });
  const problems = tokens.flatMap((token, at) => {
    const before = tokens[at - 1];
    if (token.kind === "positional" && before?.kind === "option" && !options[before.name]) return [];
    if (token.kind === "positional")
      return `"${token.value}" belongs to no option. A text of several words needs quotes: --prompt "Raise it".`;
    if (token.kind !== "option") return [];
    const { name, rawName, value } = token;
    const known = options[name];
    const meant = known ? undefined : closest(name, Object.keys(options));
    if (!known) return `There is no ${rawName} here.${meant ? ` Did you mean --${meant}?` : ""}`;
    if (known.type === "string" && (value === undefined || looksLikeOption(value, options)))
      return `${rawName} needs a value behind it.`;
    return known.type === "boolean" && value !== undefined ? `${rawName} takes no value.` : [];
  });
  if (problems.length > 0) throw new UserError([...new Set(problems), help].join("\n"));
  return parseArgs({ args: given, options }).values;
}

/** `--cost-limit -3` is a number that is too small, not an option -3. */
function withNegativeNumbers(args: string[], options: ParseArgsOptionsConfig): string[] {
  const read: string[] = [];
  for (const arg of args) {
    const last = read.at(-1) ?? "";
    if (/^-\d/.test(arg) && options[last.replace(/^--/, "")]?.type === "string") read.splice(-1, 1, `${last}=${arg}`);
    else read.push(arg);
  }
  return read;
}

const looksLikeOption = (value: string, options: ParseArgsOptionsConfig) =>
  value.startsWith("--") && (value.slice(2).split("=")[0] ?? "") in options;
