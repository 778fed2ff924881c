import { hasLoneReturns } from "../encoding/lines.ts";
import { textFileOf } from "../encoding/text-file.ts";
import type { ReplyDeps } from "./answer-to-turn.ts";
import { type SearchResult, type Tree, TreeError } from "./tree.ts";

type Redact = NonNullable<ReplyDeps["redact"]>;

/** Of a larger file only the lines themselves pass the redactor. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * The tree as tools see it that show what stands in it: without secrets, before anything is numbered or cut, because
 * half a secret is not known again. Tools that write get the tree itself.
 */
export const shownTree = (tree: Tree, redact: Redact): Tree => ({
  ...tree,
  status: async () => redact(await tree.status()),
  diff: async () => redact(await tree.diff()),
  read: async (path) => withoutSecrets(await tree.read(path), redact),
  search: async (query) => {
    const found = await tree.search(query);
    return { ...found, matches: await shownMatches(found.matches, tree, redact) };
  },
});

/** A line alone does not say what it is: one of a private key, for example. */
async function shownMatches(matches: SearchResult["matches"], tree: Tree, redact: Redact) {
  const lines = new Map<string, { raw: string[]; shown: string[] } | undefined>();
  const linesOf = async (path: string) => {
    if (!lines.has(path)) lines.set(path, await bothOf(path, tree, redact));
    return lines.get(path);
  };
  const shown: SearchResult["matches"] = [];
  for (const match of matches) {
    const both = await linesOf(match.path);
    const line = both?.shown[match.line - 1];
    shown.push(line === undefined || line === both!.raw[match.line - 1] ? match : { ...match, text: line });
  }
  return shown;
}

async function bothOf(path: string, tree: Tree, redact: Redact) {
  const bytes = await tree.read(path).catch((error: unknown) => {
    if (error instanceof TreeError) return undefined;
    throw error;
  });
  if (!bytes || bytes.length > MAX_FILE_BYTES) return undefined;
  const shown = await withoutSecrets(bytes, redact);
  return shown === bytes ? undefined : { raw: decoded(bytes), shown: decoded(shown) };
}

/** The lines as search counts them. */
function decoded(bytes: Uint8Array): string[] {
  const text = textFileOf(bytes)?.text ?? "";
  return text.split(hasLoneReturns(text) ? "\r" : "\n");
}

/** Byte for byte: secrets are ASCII in nearly every encoding. UTF-16 would fall out of step; its text is looked at later. */
async function withoutSecrets(bytes: Uint8Array, redact: Redact): Promise<Uint8Array> {
  if (bytes.subarray(0, 1_000).includes(0)) return bytes;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const shown = await redact(text);
  return shown === text ? bytes : Buffer.from(shown, "latin1");
}
