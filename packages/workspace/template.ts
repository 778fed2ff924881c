import { existsSync } from "node:fs";
import { cp, link, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GIT_DIR_ATTRIBUTES, gitDirConfig } from "./git-dir-files.ts";
import type { Workspace } from "./workspace.ts";

/** Where the repository of commands stands ready to be copied: beside ours, closed to commands. */
export const templateOf = ({ gitDir }: Pick<Workspace, "gitDir">) => join(dirname(gitDir), "template");

/**
 * Right after the clone: HEAD is the base commit on its branch, and the index holds what the checkout found out about
 * each file. The objects are our own files under a second name, which costs nothing; commands get copies.
 */
export async function keepTemplate(workspace: Workspace, branch: string): Promise<void> {
  const { gitDir, baseCommit } = workspace;
  const template = templateOf(workspace);
  await rm(template, { recursive: true, force: true });
  for (const folder of ["info", "refs"]) await mkdir(join(template, folder), { recursive: true });
  await linkFiles(join(gitDir, "objects"), join(template, "objects"));
  // git compares files with the index's own time too: see racy-git.
  await cp(join(gitDir, "index"), join(template, "index"), { preserveTimestamps: true });
  // The first commit of all has no parent to leave out.
  if (existsSync(join(gitDir, "shallow"))) await cp(join(gitDir, "shallow"), join(template, "shallow"));
  const files = {
    config: gitDirConfig(baseCommit) + COMMANDS_CONFIG,
    HEAD: `ref: refs/heads/${branch}\n`,
    "packed-refs": `${baseCommit} refs/heads/${branch}\n`,
    "info/attributes": GIT_DIR_ATTRIBUTES,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(template, name), text);
}

/** An identity for this repository alone: tests that make one of their own find what they would find elsewhere. */
const COMMANDS_CONFIG = `[core]
	bare = false
[user]
\tname = Cody
\temail = cody@localhost
[gc]
\tauto = 0
[maintenance]
\tauto = false
`;

async function linkFiles(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkFiles(source, target);
    else if (entry.isFile()) await link(source, target);
  }
}
