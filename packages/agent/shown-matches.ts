import { hasLoneReturns } from "../encoding/lines.ts";
import { textFileOf } from "../encoding/text-file.ts";
import { around } from "../text/cut.ts";
import type { Redact } from "./redact.ts";
import type { Match, Tree } from "./tree.ts";
import { TreeError } from "./tree.ts";

/** A larger file is not redacted whole: only what stands around a match passes the redactor. */
export const MAX_WHOLE_BYTES = 1024 * 1024;
const MAX_LINE_CHARS = 300;

/** The same lines with and without secrets. */
type Lines = { raw: string; shown: string };

/**
 * Matches without secrets: redacted first and cut then. A line alone does not say what it is (one of a private key, for
 * example), and half a secret is not known again.
 */
export async function shownMatches(
  matches: readonly Match[],
  {
    tree,
    redact,
    withoutSecrets,
  }: { tree: Tree; redact: Redact; withoutSecrets(bytes: Uint8Array): Promise<Uint8Array> },
): Promise<Match[]> {
  const ofFile = new Map<string, { raw: string[]; shown: string[] } | undefined>();
  const ofText = new Map<string, string>();
  const shown: Match[] = [];
  for (const { near, ...match } of matches) {
    if (near) {
      if (!ofText.has(near.text)) ofText.set(near.text, await redact(near.text));
      shown.push(excerpt(match, ...lineNear(near.text, ofText.get(near.text)!, near.at)));
      continue;
    }
    if (!ofFile.has(match.path)) ofFile.set(match.path, await bothOf(match.path, tree, withoutSecrets));
    const lines = ofFile.get(match.path);
    const [raw, without] = [lines?.raw[match.line - 1], lines?.shown[match.line - 1]];
    shown.push(
      raw === undefined || without === undefined ? match : excerpt(match, { raw, shown: without }, match.column - 1),
    );
  }
  return shown;
}

/** What is shown of a line that holds a secret: around the place where the match is, or was. */
function excerpt(match: Match, { raw, shown }: Lines, at: number): Match {
  if (raw === shown) return match;
  const place = placeIn(raw, shown, at);
  const { start, end } = around(shown, place, Math.min(place + 1, shown.length), MAX_LINE_CHARS);
  return { ...match, text: shown.slice(start, end), cut: end - start < shown.length };
}

/** Redacting keeps lines lines. */
function lineNear(raw: string, shown: string, at: number): [Lines, number] {
  const before = raw.slice(0, at).split(/[\r\n]/);
  const line = before.length - 1;
  return [{ raw: raw.split(/[\r\n]/)[line]!, shown: shown.split(/[\r\n]/)[line] ?? "" }, before[line]!.length];
}

/** Before the first and behind the last secret it is known; between them the first one's place stands for it. */
function placeIn(raw: string, shown: string, at: number): number {
  let same = 0;
  while (same < at && raw[same] === shown[same]) same++;
  if (same === at) return Math.min(at, shown.length);
  const fromEnd = raw.length - at;
  let alike = 0;
  while (alike < fromEnd && raw.at(-1 - alike) === shown.at(-1 - alike)) alike++;
  return alike === fromEnd ? shown.length - fromEnd : same;
}

async function bothOf(path: string, tree: Tree, withoutSecrets: (bytes: Uint8Array) => Promise<Uint8Array>) {
  const bytes = await tree.read(path).catch((error: unknown) => {
    if (error instanceof TreeError) return undefined;
    throw error;
  });
  if (!bytes || bytes.length > MAX_WHOLE_BYTES) return undefined;
  const shown = await withoutSecrets(bytes);
  return shown === bytes ? undefined : { raw: decoded(bytes), shown: decoded(shown) };
}

/** The lines as search counts them. */
function decoded(bytes: Uint8Array): string[] {
  const text = textFileOf(bytes)?.text ?? "";
  return text.split(hasLoneReturns(text) ? "\r" : "\n");
}
