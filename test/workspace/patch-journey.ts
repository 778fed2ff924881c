import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { applyPatch } from "../../packages/workspace/apply.ts";
import { cloneWorkspace } from "../../packages/workspace/clone.ts";
import { type TakenPatch, takePatch } from "../../packages/workspace/patch.ts";
import { recordTree } from "../../packages/workspace/record.ts";
import type { Workspace } from "../../packages/workspace/workspace.ts";
import { git, type Origin, scratchFolder } from "./origin.ts";

export const cloneOf = async (origin: Origin, more: Partial<Parameters<typeof cloneWorkspace>[0]> = {}) =>
  cloneWorkspace({ folder: join(await scratchFolder(), "clone"), url: origin.url, commit: origin.commit, ...more });

/**
 * Takes the patch of a work tree and holds it to everything that must follow: a person can apply it to an ordinary
 * checkout, plain git sees the same tree, a publish clone arrives at it, and a resumed clone has the same files.
 */
export async function expectFaithfulPatch(
  origin: Origin,
  work: Workspace,
  options: { sameBytes: boolean } = { sameBytes: true },
): Promise<TakenPatch> {
  const taken = await takePatch(work);
  expect(taken.refused).toBeUndefined();
  if (taken.patch.length > 0) {
    git(origin.source, ["apply", "--index", "--binary", "--whitespace=nowarn", "-"], taken.patch);
    expect(git(origin.source, ["write-tree"]).toString().trim()).toBe(taken.treeId);
  }
  expect(taken.treeId).toBe(treeAsPlainGitSeesIt(origin, work.tree));

  const publish = await cloneOf(origin, { checkout: false });
  expect((await applyPatch(publish, taken.patch)).treeId).toBe(taken.treeId);
  expect(await takePatch(publish)).toEqual(taken);

  const resumed = await cloneOf(origin);
  await applyPatch(resumed, taken.patch);
  expect(await recordTree(resumed)).toMatchObject({ treeId: taken.treeId });
  if (options.sameBytes) expect(contentsOf(resumed.tree)).toEqual(contentsOf(work.tree));
  return taken;
}

function treeAsPlainGitSeesIt(origin: Origin, tree: string) {
  const at = [`--git-dir=${join(origin.source, ".git")}`, `--work-tree=${tree}`];
  git(tree, [...at, "read-tree", origin.commit]);
  git(tree, [...at, "add", "--all"]);
  return git(tree, [...at, "write-tree"])
    .toString()
    .trim();
}

/** Every file with its mode's program bit and its bytes; names as latin1, so that no byte of them is lost. */
function contentsOf(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  const visit = (folder: Buffer, name: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true, encoding: "buffer" })) {
      const full = Buffer.concat([folder, Buffer.from("/"), entry.name]);
      const path = name + entry.name.toString("latin1");
      if (entry.isDirectory()) visit(full, `${path}/`);
      else if (entry.isSymbolicLink()) files[path] = `link ${readlinkSync(full, "buffer").toString("latin1")}`;
      else if (entry.isFile()) {
        files[path] = `${statSync(full).mode & 0o100 ? "x" : "-"} ${readFileSync(full).toString("latin1")}`;
      }
    }
  };
  visit(Buffer.from(root), "");
  return files;
}
