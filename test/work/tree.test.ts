import { describe, expect, it } from "vitest";
import type { Sandbox } from "../../packages/sandbox/sandbox.ts";
import { makeOrigin } from "../workspace/origin.ts";
import { cloneOf } from "../workspace/patch-journey.ts";
import { treeWithHands } from "../workspace/tree-hands.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function watchedTree() {
  const workspace = await cloneOf(await makeOrigin({ "a.txt": "one\n", "b.txt": "two\n" }));
  const asked: string[] = [];
  const git: Sandbox["git"] = (of, args, request) => {
    asked.push(args[0]!);
    return workspace.sandbox.git(of, args, request);
  };
  const tree = treeWithHands({ ...workspace, sandbox: { ...workspace.sandbox, git } });
  const commandsOfGit = async (work: () => Promise<unknown>) => {
    asked.length = 0;
    await work();
    return asked.length;
  };
  return { tree, commandsOfGit };
}

describe("the work tree, as a run asks for it again and again", () => {
  it("shows every write at once, whichever tool made it", async () => {
    const { tree } = await watchedTree();
    expect(await tree.status()).toBe("");
    await tree.write("a.txt", bytes("uno\n"));
    expect([await tree.status(), (await tree.patch()).paths]).toEqual(["M  a.txt\n", ["a.txt"]]);
    await tree.move("b.txt", "c.txt");
    expect(await tree.status()).toBe("M  a.txt\nR  b.txt -> c.txt\n");
    await tree.remove("c.txt");
    expect(await tree.status()).toBe("M  a.txt\nD  b.txt\n");
    expect(await tree.diff()).toContain("-two");
    await expect(tree.remove("nothing")).rejects.toThrow("There is no nothing");
    await tree.write("b.txt", bytes("two\n"));
    expect((await tree.patch()).paths).toEqual(["a.txt"]);
  });

  it("asks git once for what has not changed since", async () => {
    const { tree, commandsOfGit } = await watchedTree();
    await tree.write("a.txt", bytes("uno\n"));
    expect(await commandsOfGit(tree.snapshotIfChanged)).toBeGreaterThan(3);
    expect(await commandsOfGit(tree.status)).toBe(1);
    expect(await commandsOfGit(tree.status)).toBe(0);
    expect(await commandsOfGit(tree.diff)).toBe(1);
    expect(await commandsOfGit(tree.patch)).toBe(0);
    tree.touched();
    expect(await commandsOfGit(tree.patch)).toBeGreaterThan(3);
  });
});
