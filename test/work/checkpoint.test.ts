import { mkdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { keepTurn, restoreTree } from "../../packages/work/checkpoint.ts";
import { statusText, takePatch } from "../../packages/workspace/patch.ts";
import type { Workspace } from "../../packages/workspace/workspace.ts";
import { aNewJob, aRunOf } from "../builders.ts";
import { memoryRecords } from "../store/memory-records.ts";
import { turn } from "../transcript/stage.ts";
import { git, makeOrigin } from "../workspace/origin.ts";
import { cloneOf } from "../workspace/patch-journey.ts";
import { treeWithHands } from "../workspace/tree-hands.ts";

/** What a command left behind, as the sandbox leaves it: a person has to look. */
async function commandThat(
  workspace: Workspace,
  tree: ReturnType<typeof treeWithHands>,
  leaves: () => Promise<unknown>,
) {
  await leaves();
  workspace.suspect = true;
  tree.touched();
}

const run = (): RepoRun => aRunOf(aNewJob(), { round: 1 });

describe("an attempt that is killed behind a turn leaves what the next one needs", () => {
  it.each([
    [
      "that a command had made a repository inside this one: the change is still a patch only",
      "tools",
      "nested-repository",
    ],
    ["a plain change", undefined, undefined],
  ])("%s", async (_, folder, patchOnly) => {
    const origin = await makeOrigin({ "a.txt": "one\n" });
    const { records } = memoryRecords();
    const first = await cloneOf(origin);
    const tree = treeWithHands(first);
    await commandThat(first, tree, async () => {
      await mkdir(join(first.tree, "tools"));
      await writeFile(join(first.tree, "tools/run.sh"), "echo\n");
      if (folder !== undefined) git(join(first.tree, folder), ["init", "--quiet"]);
    });
    const ref = { ...run(), repository: "acme/orders" };
    const stored = [1, 2].map((number) => ({ ...turn(number, [], []), jobId: ref.jobId }));
    for (const one of stored) expect(await keepTurn(one, { tree, records })).toBe("stored");

    const next = await cloneOf(origin);
    const turns = await records.turnsOf(ref);
    expect(turns.map(({ snapshot }) => snapshot !== undefined)).toEqual([true, false]);
    await restoreTree(treeWithHands(next), turns, ref, records);
    const taken = await takePatch(next);
    expect(taken.paths).toEqual(["tools/run.sh"]);
    expect([taken.refused, taken.patchOnly?.code]).toEqual([undefined, patchOnly]);
    if (taken.patchOnly) expect(await statusText(next)).toContain(taken.patchOnly.message);
    expect(taken.treeId).toBe((await takePatch(first)).treeId);
  });

  it("also when the change was taken back, and what a command left cannot be part of it", async () => {
    const origin = await makeOrigin({ "a.txt": "one\n" });
    const { records } = memoryRecords();
    const ref = { ...run(), repository: "acme/orders" };
    const first = await cloneOf(origin);
    const tree = treeWithHands(first);
    const keep = (number: number) => keepTurn({ ...turn(number, [], []), jobId: ref.jobId }, { tree, records });
    await tree.write("a.txt", new TextEncoder().encode("two\n"));
    await keep(1);
    await tree.write("a.txt", new TextEncoder().encode("one\n"));
    await commandThat(first, tree, async () => {
      await writeFile(join(first.tree, "core"), "");
      await truncate(join(first.tree, "core"), 5e9);
    });
    await keep(2);
    const next = await cloneOf(origin);
    await restoreTree(treeWithHands(next), await records.turnsOf(ref), ref, records);
    expect((await takePatch(next)).paths).toEqual([]);
  });

  it("also that the tree could not be kept, so that the next one says so", async () => {
    const origin = await makeOrigin({ "a.txt": "one\n", "1": "", "2": "", "3": "", "4": "", "5": "" });
    const { records } = memoryRecords();
    const ref = { ...run(), repository: "acme/orders" };
    const first = await cloneOf(origin);
    const tree = treeWithHands(first);
    const restored = async () => {
      const turns = await records.turnsOf(ref);
      return restoreTree(treeWithHands(await cloneOf(origin)), turns, ref, records);
    };
    const keep = (number: number) => keepTurn({ ...turn(number, [], []), jobId: ref.jobId }, { tree, records });
    await tree.write("a.txt", new TextEncoder().encode("two\n"));
    await keep(1);
    expect(await restored()).toEqual({ lags: false });
    // More than a patch may have, and no byte of it is on the disk.
    const large = ["1", "2", "3", "4", "5"].map((name) => join(first.tree, name));
    await commandThat(first, tree, async () => {
      for (const file of large) await truncate(file, 45e6);
    });
    await keep(2);
    await keep(3);
    expect(await restored()).toEqual({ lags: true });
    await commandThat(first, tree, () => Promise.all(large.map((file) => truncate(file, 0))));
    await keep(4);
    expect(await restored()).toEqual({ lags: false });
  });

  it("also which ignored file a tool had written that a command took away: made again, it is part of the change", async () => {
    const origin = await makeOrigin({ "a.txt": "one\n", ".gitignore": "out/\n" });
    const { records } = memoryRecords();
    const ref = { ...run(), repository: "acme/orders" };
    const first = await cloneOf(origin);
    const tree = treeWithHands(first);
    const keep = (number: number) => keepTurn({ ...turn(number, [], []), jobId: ref.jobId }, { tree, records });
    const text = new TextEncoder().encode("two\n");
    await tree.write("out/kept.txt", text);
    await tree.write("a.txt", text);
    await keep(1);
    await commandThat(first, tree, () => rm(join(first.tree, "out"), { recursive: true }));
    await keep(2);
    const next = await cloneOf(origin);
    const after = treeWithHands(next);
    await restoreTree(after, await records.turnsOf(ref), ref, records);
    await commandThat(next, after, async () => {
      await mkdir(join(next.tree, "out"));
      for (const name of ["kept.txt", "other.txt"]) await writeFile(join(next.tree, "out", name), "three\n");
    });
    expect((await takePatch(next)).paths).toEqual(["a.txt", "out/kept.txt"]);
  });

  it("also that a file was a program when it was removed, so that it is one again", async () => {
    const origin = await makeOrigin({ "a.txt": "one\n" });
    const { records } = memoryRecords();
    const ref = { ...run(), repository: "acme/orders" };
    const first = await cloneOf(origin);
    const tree = treeWithHands(first);
    const keep = (number: number) => keepTurn({ ...turn(number, [], []), jobId: ref.jobId }, { tree, records });
    const bytes = new TextEncoder().encode("#!/bin/sh\n");
    await tree.change([{ kind: "write", path: "bin/tool", bytes, executable: true }]);
    await keep(1);
    await tree.remove("bin/tool");
    await keep(2);
    const turns = await records.turnsOf(ref);
    expect(turns.map(({ removedPrograms }) => removedPrograms)).toEqual([undefined, ["bin/tool"]]);
    const next = await cloneOf(origin);
    await restoreTree(treeWithHands(next), turns, ref, records);
    await treeWithHands(next).write("bin/tool", bytes);
    expect((await stat(join(next.tree, "bin/tool"))).mode & 0o111).toBe(0o111);
  });

  it("and a later round begins with the tree of the one before, also where its patch was refused", async () => {
    const origin = await makeOrigin({ "a.txt": "one\n" });
    const { records } = memoryRecords();
    const ref = { ...run(), repository: "acme/orders" };
    const treeAfter = async (round: number, write: string | undefined, of: RepoRun) => {
      const turns = [
        ...(await records.turnsOf({ ...ref, round: 1 })),
        ...(await records.turnsOf({ ...ref, round: 2 })),
      ];
      const workspace = await cloneOf(origin);
      const tree = treeWithHands(workspace);
      await restoreTree(tree, turns, { ...of, round }, records);
      const found = new TextDecoder().decode(await tree.read("a.txt"));
      if (write !== undefined) await tree.write("a.txt", new TextEncoder().encode(write));
      await keepTurn({ ...turn(1, [], []), jobId: ref.jobId, round }, { tree, records });
      return { found, taken: await tree.patch() };
    };
    const { taken } = await treeAfter(1, "two\n", ref);
    const { key } = await records.putPatch(ref, taken.patch);
    const { patch: _, refused: __, paths: ___, ...facts } = taken;
    const published = { ...ref, patch: { ...facts, key, bytes: taken.patch.length } };
    expect((await treeAfter(2, "three\n", published)).found).toBe("two\n");
    // Round 2's patch was refused, so the row still names the one of round 1.
    expect((await treeAfter(3, undefined, published)).found).toBe("three\n");
  });
});
