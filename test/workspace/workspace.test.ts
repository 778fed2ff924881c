import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyPatch } from "../../packages/workspace/apply.ts";
import { baseFilesOf, baseTreeOf } from "../../packages/workspace/base-files.ts";
import { cloneWorkspace } from "../../packages/workspace/clone.ts";
import { commitTree } from "../../packages/workspace/commit.ts";
import { takePatch } from "../../packages/workspace/patch.ts";
import { pushBranch } from "../../packages/workspace/push.ts";
import { recordTree } from "../../packages/workspace/record.ts";
import { git, makeOrigin } from "./origin.ts";
import { cloneOf } from "./patch-journey.ts";

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

test.for(["sha1", "sha256"] as const)("%s: what stands in git's index is what git lists", async (objectFormat) => {
  const long = `${"a".repeat(200)}/${"b".repeat(120)}`;
  const files = {
    "a.txt": "1\n",
    "a/b": "2\n",
    é: "3\n",
    [long]: "4\n",
    "run.sh": { program: "x" },
    to: { link: "a" },
  };
  const origin = await makeOrigin(files, { objectFormat });
  const [work, bare] = [await cloneOf(origin), await cloneOf(origin, { checkout: false })];
  expect((await baseFilesOf(work)).entries.size).toBe(6);
  expect(await baseFilesOf(work)).toEqual(await baseFilesOf(bare));
  expect(await baseTreeOf(work)).toBe(await baseTreeOf(bare));
});

test("a later look at the tree begins at the base: what an earlier one took in is gone with its file", async () => {
  const origin = await makeOrigin({ "kept.txt": "1\n" });
  const work = await cloneOf(origin);
  for (const name of ["first.txt", "second.txt"]) {
    await writeFile(join(work.tree, name), "new\n");
    expect(await recordTree(work)).toMatchObject({ changes: [{ path: name, oldMode: "000000", newMode: "100644" }] });
    await rm(join(work.tree, name));
  }
  expect(await recordTree(work)).toMatchObject({ treeId: await baseTreeOf(work), changes: [] });
});
