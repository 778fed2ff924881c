import { listed } from "../text/lists.ts";
import { placeholdersIn } from "../text/placeholder.ts";
import { type Tree, TreeError } from "./tree.ts";

/** Keys of tools' inputs that hold what a file should become, or what it is said to hold. */
const OF_FILES = new Set(["content", "new_text", "old_text"]);
const TIMEOUT_MS = 20_000;

/**
 * Why a call must not run: it is about to write, or looks for, words that stood in place of a secret when the file was
 * shown. A file that holds the same words is another matter; a new one may take them from elsewhere in the tree.
 */
export async function placeholderRefusal(input: unknown, tree: Tree): Promise<string | undefined> {
  const words = placeholdersIn([...textsOf(input)].join("\n"));
  if (words.length === 0) return undefined;
  const { path } = input as { path?: unknown };
  const strange = typeof path === "string" ? await notIn(path, words, tree) : words;
  if (strange.length === 0) return undefined;
  const shown = listed(strange);
  return `Nothing was written: ${shown} is what Cody shows in place of a secret, so no change may bring it into a file. If the file holds a secret there, use edit_file with old_text and new_text that leave that line out: it stays as it is. If the words are your own, choose others.`;
}

async function notIn(path: string, words: readonly string[], tree: Tree): Promise<string[]> {
  const bytes = await tree.read(path).catch((error: unknown) => {
    if (error instanceof TreeError) return undefined;
    throw error;
  });
  if (bytes) return words.filter((one) => !holds(bytes, one));
  const found = await Promise.all(words.map((one) => isSomewhere(one, tree)));
  return words.filter((_, i) => !found[i]);
}

const holds = (bytes: Uint8Array, words: string) =>
  (["latin1", "utf16le"] as const).some((encoding) => Buffer.from(bytes).includes(Buffer.from(words, encoding)));

async function isSomewhere(words: string, tree: Tree): Promise<boolean> {
  const query = { pattern: words, literal: true, ignoreCase: false, globs: [], maxMatches: 1, timeoutMs: TIMEOUT_MS };
  return (await tree.search(query)).matches.length > 0;
}

function* textsOf(input: unknown, key = ""): Generator<string> {
  if (typeof input === "string") {
    if (OF_FILES.has(key)) yield input;
  } else if (typeof input === "object" && input !== null)
    for (const [name, held] of Object.entries(input)) yield* textsOf(held, Array.isArray(input) ? key : name);
}
