import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Reason } from "../../packages/jobs/reasons.ts";
import { applyPatch } from "../../packages/workspace/apply.ts";
import { diffOf, statusText, takePatch } from "../../packages/workspace/patch.ts";
import { git, makeOrigin } from "./origin.ts";
import { cloneOf, expectFaithfulPatch } from "./patch-journey.ts";

/** `library` is a submodule, as `git submodule add` leaves it in a commit. */
async function originWithSubmodule() {
  const origin = await makeOrigin({
    a: "1\n",
    ".gitmodules": '[submodule "library"]\n\tpath = library\n\turl = ../library\n',
  });
  git(origin.source, ["update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},library`]);
  git(origin.source, ["commit", "-q", "-m", "A submodule"]);
  mkdirSync(join(origin.source, "library"));
  return { ...origin, commit: git(origin.source, ["rev-parse", "HEAD"]).toString().trim() };
}

describe("a change that cannot become a patch has a reason and a next step", () => {
  const TREES: { title: string; edit: (tree: string) => void; code: string; message: RegExp }[] = [
    {
      title: "a file of 10 GB, sparse or not",
      edit: (tree) => {
        writeFileSync(join(tree, "core.dump"), "");
        truncateSync(join(tree, "core.dump"), 10 * 2 ** 30);
      },
      code: "change-too-large",
      message: /^core\.dump has 10,240 MB; a changed file can have 50 MB\.$/,
    },
    {
      title: "a submodule that is taken away",
      edit: (tree) => rmSync(join(tree, "library"), { recursive: true }),
      code: "submodule-changed",
      message: /^The change touches the submodule library\.$/,
    },
    {
      title: "a submodule that becomes a file",
      edit: (tree) => {
        rmSync(join(tree, "library"), { recursive: true });
        writeFileSync(join(tree, "library"), "1\n");
      },
      code: "submodule-changed",
      message: /^The change touches the submodule library\.$/,
    },
    {
      title: "files written into a submodule, which git would silently leave out",
      edit: (tree) => writeFileSync(join(tree, "library", "x"), "1\n"),
      code: "submodule-changed",
      message: /^library is a submodule; the files written into it cannot be part/,
    },
    {
      title: "a name that is .git on another machine",
      edit: (tree) => {
        mkdirSync(join(tree, ".GIT"));
        writeFileSync(join(tree, ".GIT", "config"), "x");
      },
      code: "tree-unreadable",
      message: /invalid path '\.GIT\/config'/,
    },
    {
      title: "a text that is not in the encoding its attributes name",
      edit: (tree) => {
        writeFileSync(join(tree, ".gitattributes"), "*.u working-tree-encoding=UTF-16\n");
        writeFileSync(join(tree, "a.u"), Uint8Array.of(0xff, 0xfe, 0x00, 0xd8));
      },
      code: "encoding-mismatch",
      message: /a\.u/,
    },
  ];

  test.for(TREES)("$title", async ({ edit, code, message }) => {
    const origin = await originWithSubmodule();
    const work = await cloneOf(origin);
    edit(work.tree);
    const { refused, patchOnly = refused, patch, treeId } = await takePatch(work);
    // The model is told while it can still fix it.
    expect(await statusText(work)).toContain(patchOnly?.message);
    expect(patchOnly?.code).toBe(code);
    expect(patchOnly?.message).toMatch(message);
    expect(Reason.safeParse(patchOnly).success).toBe(true);
    if (patch.length === 0) return;
    // An attempt that is killed now is gone on with on the same tree, and refused for the same reason.
    const next = await cloneOf(origin);
    await applyPatch(next, patch);
    expect(await takePatch(next)).toMatchObject({ treeId, patchOnly });
  });

  test("status and diff say the same thing instead of failing", async () => {
    const work = await cloneOf(await originWithSubmodule());
    TREES[0]?.edit(work.tree);
    for (const say of [statusText, diffOf]) expect(await say(work)).toContain("core.dump has 10,240 MB");
  });
});

test("a submodule is left alone: empty, unchanged, and no obstacle to other changes", async () => {
  const origin = await originWithSubmodule();
  const work = await cloneOf(origin);
  expect(work.submodules).toEqual(["library"]);
  writeFileSync(join(work.tree, "a"), "2\n");
  const taken = await expectFaithfulPatch(origin, work);
  expect(taken.paths).toEqual(["a"]);
});
