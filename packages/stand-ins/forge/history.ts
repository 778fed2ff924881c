import { readTree } from "./objects.ts";
import { branchTip } from "./refs.ts";
import { FOLDER, moveBranch, writeObject, writeTree } from "./write-objects.ts";

/** One commit of a made-up history: whole files, `null` deletes one. Dates are ISO 8601, so that a history has fixed SHAs. */
export type SampleCommit = { message: string; date: string; files: Record<string, string | Uint8Array | null> };

export const SAMPLE_AUTHOR = "Sample Author <sample@example.invalid>";

/** What stands in a folder, by name: files, and folders of which only those that change are read. */
type Folder = Map<string, { mode: string; sha: string } | Folder>;

/** Writes commits onto a branch, a new one or the tip of one. A first line `#!` makes a file executable. */
export async function writeHistory(bare: string, branch: string, commits: readonly SampleCommit[]) {
  const before = await branchTip(bare, branch);
  let tip = before;
  const root = tip === undefined ? new Map() : await readFolder(bare, tip);
  for (const { message, date, files } of commits) {
    for (const [path, content] of Object.entries(files)) await change(bare, root, path.split("/"), content);
    const when = `${SAMPLE_AUTHOR} ${Math.floor(Date.parse(date) / 1000)} +0000`;
    const head = [`tree ${writeFolder(bare, root)}`, ...(tip === undefined ? [] : [`parent ${tip}`])].join("\n");
    tip = writeObject(bare, "commit", Buffer.from(`${head}\nauthor ${when}\ncommitter ${when}\n\n${message}`));
  }
  if (tip !== undefined) await moveBranch(bare, branch, { from: before, to: tip });
}

async function change(bare: string, folder: Folder, path: string[], content: string | Uint8Array | null) {
  const [name = "", ...below] = path;
  if (below.length > 0) {
    const found = folder.get(name);
    const inner = await asFolder(bare, found);
    await change(bare, inner, below, content);
    if (inner.size > 0) folder.set(name, inner);
    else if (found instanceof Map || found?.mode === FOLDER) folder.delete(name);
  } else if (content === null) folder.delete(name);
  else {
    const bytes = Buffer.from(content);
    const mode = bytes.subarray(0, 2).toString() === "#!" ? "100755" : "100644";
    folder.set(name, { mode, sha: writeObject(bare, "blob", bytes) });
  }
}

async function asFolder(bare: string, found: { mode: string; sha: string } | Folder | undefined): Promise<Folder> {
  if (found instanceof Map) return found;
  return found?.mode === FOLDER ? readFolder(bare, found.sha) : new Map();
}

async function readFolder(bare: string, name: string): Promise<Folder> {
  const tree = await readTree(bare, name);
  return new Map(tree?.entries.map(({ path, mode, sha }) => [path, { mode, sha }]));
}

function writeFolder(bare: string, folder: Folder): string {
  const entries = [...folder].map(([path, one]) =>
    one instanceof Map ? { path, mode: FOLDER, sha: writeFolder(bare, one) } : { path, ...one },
  );
  return writeTree(bare, entries);
}
