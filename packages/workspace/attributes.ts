import { belowFileNamed } from "./below-file.ts";
import { type BytePath, bytePath, joinPaths } from "./byte-path.ts";
import type { Workspace } from "./workspace.ts";

/** What the repository's own .gitattributes say about a path, as git-check-attr(1) prints it. */
export type Attributes = {
  /** `set`, `unset`, `unspecified` or a value such as `auto`; "crlf" is the old name of "text". */
  text: string;
  crlf: string;
  eol: string;
  ident: string;
  filter: string;
  "working-tree-encoding": string;
};

const NAMES = ["text", "crlf", "eol", "ident", "filter", "working-tree-encoding"] as const;

/** Paths as tools name them. A path without a .gitattributes above it has none and is left out. */
export async function attributesOf(workspace: Workspace, paths: readonly string[]): Promise<Map<string, Attributes>> {
  const byBytes = new Map(paths.map((path) => [bytePath(path), path]));
  const found = await attributesOfPaths(workspace, [...byBytes.keys()]);
  return new Map([...found].map(([path, attributes]) => [byBytes.get(path)!, attributes]));
}

export async function attributesOfPaths(
  workspace: Workspace,
  paths: readonly BytePath[],
): Promise<Map<BytePath, Attributes>> {
  const asked = belowFileNamed(".gitattributes", workspace, paths);
  if (asked.length === 0) return new Map();
  const answer = await workspace.sandbox.git(workspace, ["check-attr", "-z", "--stdin", ...NAMES], {
    stdin: joinPaths(asked),
    attributes: "attributes",
  });
  const found = new Map<BytePath, Attributes>();
  const fields = answer.toString("latin1").split("\0");
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [path = "", name = "", value = ""] = fields.slice(at, at + 3);
    const attributes = found.get(path) ?? ({} as Attributes);
    found.set(path, { ...attributes, [name]: value });
  }
  return found;
}

/**
 * Filters that keep a file's content elsewhere or encrypt it. Where one of them applies, content that did not pass it
 * must not reach a branch. Other filters only tidy up what stands in the file.
 */
const KEEPS_CONTENT = /^(lfs|annex|sops|age.*|.*crypt.*)$/i;

export const storageFilterOf = (attributes: Attributes | undefined): string | undefined =>
  attributes && KEEPS_CONTENT.test(attributes.filter) ? attributes.filter : undefined;

const MAX_POINTER_BYTES = 1024;

/** What stands in git for a file of that filter, which a change may hold: an LFS pointer, something encrypted. */
export function isStoredForm(filter: string, head: Uint8Array, size: number): boolean {
  const text = Buffer.from(head).toString("latin1");
  if (filter === "lfs")
    return size === 0 || (size < MAX_POINTER_BYTES && text.startsWith("version https://git-lfs.github.com/spec/"));
  if (filter === "annex") return text.startsWith("/annex/");
  return text.startsWith("\0GITCRYPT\0") || text.startsWith("U2FsdGVkX1") || text.startsWith("age-encryption.org/");
}
