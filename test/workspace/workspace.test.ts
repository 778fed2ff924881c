import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyPatch } from "../../packages/workspace/apply.ts";
import { cloneWorkspace } from "../../packages/workspace/clone.ts";
import { commitTree } from "../../packages/workspace/commit.ts";
import { takePatch } from "../../packages/workspace/patch.ts";
import { pushBranch } from "../../packages/workspace/push.ts";
import { git, makeOrigin } from "./origin.ts";

const COMMIT = {
  message: "Raise the version\n\nBecause it was too low.\n",
  author: { name: "Cody Batch", email: "cody@example.invalid" },
  date: new Date("2026-11-22T12:00:00Z"),
};

test("a change travels from the work tree through the patch into a branch with exactly that tree", async () => {
  const origin = await makeOrigin({ "pom.xml": "<version>1</version>\n", "src/Main.java": "class Main {}\n" });
  const work = await cloneWorkspace({ folder: join(origin.folder, "work"), url: origin.url, commit: origin.commit });
  await writeFile(join(work.tree, "pom.xml"), "<version>2</version>\n");
  await writeFile(join(work.tree, "new.txt"), "no newline at the end");
  const taken = await takePatch(work);
  expect(taken).toMatchObject({ files: 2, additions: 2, deletions: 1, paths: ["new.txt", "pom.xml"] });
  expect(taken.refused).toBeUndefined();

  const publish = await cloneWorkspace({
    folder: join(origin.folder, "publish"),
    url: origin.url,
    commit: origin.commit,
    checkout: false,
  });
  // Nothing for commands, which never run there.
  expect(await readdir(publish.home)).toEqual([]);
  const { treeId } = await applyPatch(publish, taken.patch);
  expect(treeId).toBe(taken.treeId);
  const commit = await commitTree(publish, { ...COMMIT, treeId, parents: [origin.commit] });
  const push = { url: origin.url, branch: "cody/j0-raise", commit, expect: "absent" };
  expect(await pushBranch(publish, push)).toBe("created");
  expect(await pushBranch(publish, push)).toBe("same");
  expect(git(origin.source, ["rev-parse", "cody/j0-raise^{tree}"]).toString().trim()).toBe(taken.treeId);
});
