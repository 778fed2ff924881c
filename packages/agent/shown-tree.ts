import { asBuffer } from "../encoding/opaque.ts";
import { encodeWhole, encodingOf, textFileOf } from "../encoding/text-file.ts";
import type { Redact } from "./redact.ts";
import { MAX_WHOLE_BYTES, shownMatches } from "./shown-matches.ts";
import type { Tree } from "./tree.ts";

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
    const found = await tree.search({ ...query, nearInFilesOver: MAX_WHOLE_BYTES });
    const shown = { tree, redact, withoutSecrets: (bytes: Uint8Array) => withoutSecrets(bytes, redact) };
    return { ...found, matches: await shownMatches(found.matches, shown) };
  },
});

/** Byte for byte: secrets are ASCII in nearly every encoding but UTF-16, which would fall out of step. */
async function withoutSecrets(bytes: Uint8Array, redact: Redact): Promise<Uint8Array> {
  const encoding = encodingOf(bytes);
  // A larger binary file is not shown.
  if (!encoding && bytes.length > MAX_WHOLE_BYTES) return bytes;
  if (encoding?.name.startsWith("utf-16")) {
    const { text } = textFileOf(bytes, encoding)!;
    const shown = await redact(text);
    return shown === text ? bytes : encodeWhole(shown, encoding)!;
  }
  const text = asBuffer(bytes).toString("latin1");
  const shown = await redact(text);
  return shown === text ? bytes : Buffer.from(shown, "latin1");
}
