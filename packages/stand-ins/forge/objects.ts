import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { decodeUtf8 } from "../../encoding/opaque.ts";
import { isCode } from "../../filesystem/error-code.ts";
import type { CommitFacts, TreeEntry } from "./answers/git-objects.ts";
import { askGit, runGit } from "./run-git.ts";

type Kind = "commit" | "tree" | "blob";
type GitObject = { sha: string; bytes: Buffer };

const SHA = /^[0-9a-f]{40}$/;

/**
 * The object that a name stands for, where it is of that kind. One with a file of its own is read from there, as git
 * would: a process of git for each is most of what a request costs. For what stands in a pack, or is named in another
 * way, git is asked.
 */
export async function readObject(bare: string, kind: Kind, name: string): Promise<GitObject | undefined> {
  const own = readLoose(bare, name);
  if (own?.kind === kind) return { sha: name, bytes: own.bytes };
  if (own?.kind === "commit" && kind === "tree") return readObject(bare, kind, treeOf(own.bytes.toString()));
  const sha = await askGit(bare, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{${kind}}`]);
  if (!sha) return undefined;
  return { sha, bytes: readLoose(bare, sha)?.bytes ?? (await runGit(bare, ["cat-file", kind, sha])) };
}

/** https://git-scm.com/book/en/v2/Git-Internals-Git-Objects: `<kind> <size>\0<content>`, deflated. */
function readLoose(bare: string, sha: string): { kind: string; bytes: Buffer } | undefined {
  if (!SHA.test(sha)) return undefined;
  try {
    const whole = inflateSync(readFileSync(join(bare, "objects", sha.slice(0, 2), sha.slice(2))));
    const end = whole.indexOf(0);
    return { kind: whole.toString("latin1", 0, end).split(" ")[0]!, bytes: whole.subarray(end + 1) };
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The parents of a commit that has a file of its own; undefined: git has to be asked. */
export function looseParents(bare: string, sha: string): string[] | undefined {
  const own = readLoose(bare, sha);
  return own?.kind === "commit" ? parentsIn(own.bytes.toString().split("\n\n", 1)[0]!) : undefined;
}

const parentsIn = (head: string) => [...head.matchAll(/^parent (.+)$/gm)].map(([, parent]) => parent!);
const treeOf = (commit: string) => /^tree ([0-9a-f]+)$/m.exec(commit)![1]!;

export async function readCommit(bare: string, name: string): Promise<CommitFacts | undefined> {
  const found = await readObject(bare, "commit", name);
  if (!found) return undefined;
  const [head = "", message = ""] = found.bytes.toString().split(/\n\n(.*)/s);
  const [, author = "", email = "", seconds = ""] = /^author (.*) <(.*)> (\d+) /m.exec(head) ?? [];
  return {
    sha: found.sha,
    tree: treeOf(head),
    author: { name: author, email, date: new Date(Number(seconds) * 1_000).toISOString().replace(".000", "") },
    parents: parentsIn(head),
    message: message.trimEnd(),
  };
}

/** What stands in a tree, without what stands below its folders. */
export async function readTree(bare: string, name: string): Promise<{ sha: string; entries: TreeEntry[] } | undefined> {
  const found = await readObject(bare, "tree", name);
  if (!found) return undefined;
  const entries = entriesIn(found.bytes, found.sha.length / 2);
  const blobs = entries.filter(({ type }) => type === "blob").map(({ sha }) => sha);
  const sizes = await sizesOf(bare, blobs);
  return {
    sha: found.sha,
    entries: entries.map((one) => ({ ...one, ...(sizes.has(one.sha) && { size: sizes.get(one.sha)! }) })),
  };
}

async function sizesOf(bare: string, ids: readonly string[]): Promise<Map<string, number>> {
  const sizes = new Map(ids.map((id) => [id, readLoose(bare, id)?.bytes.length] as const));
  const packed = ids.filter((id) => sizes.get(id) === undefined);
  if (packed.length > 0) {
    const asked = { input: packed.map((id) => `${id}\n`).join("") };
    const lines = (await runGit(bare, ["cat-file", "--batch-check=%(objectsize)"], asked)).toString().split("\n");
    packed.forEach((id, i) => void sizes.set(id, Number(lines[i])));
  }
  return sizes as Map<string, number>;
}

/** `<mode> <name>\0` and the bytes of an id, each. */
function entriesIn(tree: Buffer, idBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < tree.length; ) {
    const end = tree.indexOf(0, at);
    const [mode = "", path = ""] = decodeUtf8(tree.subarray(at, end)).split(/ (.*)/s);
    at = end + 1 + idBytes;
    const type = mode === "40000" ? "tree" : mode === "160000" ? "commit" : "blob";
    entries.push({ mode: mode.padStart(6, "0"), type, sha: tree.toString("hex", end + 1, at), path });
  }
  return entries;
}
