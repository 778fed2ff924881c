import { hasLoneReturns } from "../encoding/lines.ts";
import { encodeWhole, encodingOf, textFileOf } from "../encoding/text-file.ts";
import type { ReplyDeps } from "./answer-to-turn.ts";
import { type SearchResult, type Tree, TreeError } from "./tree.ts";

type Redact = NonNullable<ReplyDeps["redact"]>;

/** Of a larger file only the lines that are shown pass the redactor; a larger binary file is not shown. */
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

/** Byte for byte: secrets are ASCII in nearly every encoding but UTF-16, which would fall out of step. */
async function withoutSecrets(bytes: Uint8Array, redact: Redact): Promise<Uint8Array> {
  const encoding = encodingOf(bytes);
  if (!encoding && bytes.length > MAX_FILE_BYTES) return bytes;
  if (encoding?.name.startsWith("utf-16")) {
    const { text } = textFileOf(bytes, encoding)!;
    const shown = await redact(text);
    return shown === text ? bytes : encodeWhole(shown, encoding)!;
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const shown = await redact(text);
  return shown === text ? bytes : Buffer.from(shown, "latin1");
}
