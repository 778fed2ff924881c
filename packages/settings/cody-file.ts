import { LineCounter, parseDocument, YAMLMap } from "yaml";
import { z } from "zod";
import { type FileSettings, RepositorySettings, RunLimits } from "../jobs/repository-settings.ts";
import { clip } from "../text/cut.ts";
import { countHidden, spellHidden } from "../text/hidden.ts";
import { listed } from "../text/lists.ts";

/** The names under which it is looked for in the root of the base commit; the first one counts. */
export const CODY_FILES = [".cody.yml", ".cody.yaml"] as const;
/** A file of settings is short; what is longer is not read at all. */
export const MAX_CODY_FILE_BYTES = 16 * 1024;
const MAX_BRACKETS = 500;

const { setup, check, toolchains, instructions, protectedPaths } = RepositorySettings.shape;
const { turns, minutes, commandMinutes } = RunLimits.shape;
const shown = <Value extends z.ZodType<string | undefined>>(schema: Value) =>
  schema.refine((text) => text === undefined || countHidden(text) === 0, "It holds characters that are not seen.");

/** As a repository writes it. */
const Written = z.strictObject({
  setup: shown(setup),
  check: shown(check),
  toolchains,
  instructions: shown(instructions),
  limits: z.strictObject({ turns, minutes, "command-minutes": commandMinutes }).optional(),
  "protected-paths": protectedPaths,
});

export type CodyFile = { settings: FileSettings; problem?: undefined } | { settings?: undefined; problem: string };

/** Pure. Untrusted: what cannot be read is one sentence with its line, and nothing of the file counts. */
export function parseCodyFile(name: string, bytes: Uint8Array): CodyFile {
  const bad = (what: string, line?: number): CodyFile => ({
    problem: clip(
      spellHidden(`${name}${line === undefined ? "" : `, line ${line}`}: ${what} The file is left out.`),
      500,
    ),
  });
  if (bytes.length > MAX_CODY_FILE_BYTES) return bad(tooLarge(bytes.length));
  const text = textOf(bytes);
  if (text === undefined) return bad("It is no text in UTF-8.");
  // A parser of nested brackets takes a time of its own.
  if ((text.match(/[[{]/g)?.length ?? 0) > MAX_BRACKETS) return bad("It holds too many brackets.");
  const counter = new LineCounter();
  const lineOf = (offset: number | undefined) => (offset === undefined ? undefined : counter.linePos(offset).line);
  try {
    const document = parseDocument(text, { ...STRICT, lineCounter: counter });
    const [flaw] = [...document.errors, ...document.warnings];
    if (flaw) return bad(`${flaw.message.replace(/\.$/, "")}.`, lineOf(flaw.pos[0]));
    if (document.contents === null) return { settings: {} };
    if (!(document.contents instanceof YAMLMap)) return bad("It is no list of settings such as check: npm test.", 1);
    const read = Written.safeParse(document.toJS({ maxAliasCount: 0 }));
    if (read.success) return { settings: settingsIn(read.data) };
    const [issue] = read.error.issues;
    const unknown = issue!.code === "unrecognized_keys" ? issue!.keys[0] : undefined;
    const path = [...issue!.path, ...(unknown === undefined ? [] : [unknown])];
    return bad(sentenceOf(issue!, path), lineOf(offsetOf(document.contents, path)));
  } catch (error) {
    return bad(/alias/i.test(String(error)) ? "It uses an alias; write the value out." : "It cannot be read.");
  }
}

export const tooLarge = (bytes: number) =>
  `It has ${bytes.toLocaleString("en")} bytes; at most ${MAX_CODY_FILE_BYTES.toLocaleString("en")} are read.`;

const STRICT = {
  schema: "core",
  merge: false,
  stringKeys: true,
  strict: true,
  uniqueKeys: true,
  prettyErrors: false,
  logLevel: "error",
} as const;

function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function settingsIn({ limits, "protected-paths": paths, ...said }: z.infer<typeof Written>): FileSettings {
  const { "command-minutes": commandMinutes, ...other } = limits ?? {};
  return {
    ...said,
    ...(limits && { limits: { ...other, ...(commandMinutes !== undefined && { commandMinutes }) } }),
    ...(paths && { protectedPaths: paths }),
  };
}

const MAY_SET = listed(Object.keys(Written.shape));

function sentenceOf(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): string {
  const name = clip(spellHidden(`"${path.map(String).join(".")}"`), 100);
  if (issue.code === "unrecognized_keys") return `${name} is nothing that a file may set: ${MAY_SET} are.`;
  return `${name}: ${issue.message.replace(/\.$/, "")}.`;
}

/** Where the setting stands, or the nearest thing around it. */
function offsetOf(map: YAMLMap, path: readonly PropertyKey[]): number | undefined {
  const [key, ...rest] = path;
  const pair = map.items.find((one) => String(one.key) === String(key));
  if (!pair) return undefined;
  if (pair.value instanceof YAMLMap && rest.length > 0) return offsetOf(pair.value, rest) ?? startOf(pair.key);
  return startOf(pair.key);
}

const startOf = (node: unknown) => (node as { range?: [number, number, number] } | null)?.range?.[0];
