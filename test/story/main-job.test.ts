import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { createWatch } from "../../functions/watch.ts";
import { blockLines } from "../../packages/local/demo/block-text.ts";
import { SAMPLE_CHECK } from "../../packages/local/demo/options.ts";
import { looksBack } from "./look-back.ts";
import { openWorld, runOf, until } from "./world.ts";

const THREE = ["acme/orders", "acme/gateway", "acme/ledger"];

describe("one prompt over three repositories", () => {
  it("ends in two pull requests and one proof that nothing was needed, on one card", async () => {
    const world = await openWorld();
    await world.submit({ check: SAMPLE_CHECK }, THREE);
    const record = await world.untilAtRest();

    expect(record.runs.map(({ repository, state }) => [repository, state])).toEqual([
      ["acme/orders", "published"],
      ["acme/gateway", "published"],
      ["acme/ledger", "unchanged"],
    ]);
    for (const repository of ["acme/orders", "acme/gateway"]) {
      const { patch, pullRequest } = runOf(record, repository);
      expect(world.forge.admin.pullRequests(repository)).toMatchObject([
        { draft: false, body: expect.stringContaining("**Check**: `node --test` passed") },
      ]);
      const tree = execFileSync("git", [
        "-C",
        world.forge.admin.gitFolder(repository),
        "rev-parse",
        `${pullRequest!.commit}^{tree}`,
      ]);
      expect(tree.toString().trim()).toBe(patch!.treeId);
    }
    expect(runOf(record, "acme/ledger").verdict).toMatchObject({
      wereChangesNecessary: false,
      evidence: [{ path: "build.gradle" }],
    });

    const card = await until(() => world.cards().find((one) => JSON.stringify(one).includes("3 of 3 done")));
    expect(world.cards()).toHaveLength(1);
    const shown = blockLines(card.blocks!).join("\n");
    expect(shown).toMatch(/Pull request #1 · \d\. acme\/gateway[\s\S]*2 files/);
    expect(shown).toContain("scripted");
    expect(shown).toContain('Check "node --test" passed');
    expect(shown).not.toMatch(/draft|not verified/i);
    await until(() => (world.replies().length > 0 ? true : undefined));
    expect(world.replies().map(({ text }) => text)).toEqual([`<@${world.requester.id}> 2 pull requests, 1 unchanged.`]);

    await looksBack(world, record);

    // Their checks and people go on with them, and the card says it.
    const { acts, placeOf, merge } = world.forge.admin;
    await acts.setCheck(placeOf("acme/orders", 1), { name: "build", outcome: "failure" });
    await merge("acme/gateway", 1, { by: "ada" });
    expect(await createWatch(world.env)()).toEqual({ looked: 2, changed: 2 });
    const words = ["checks failed: build", "merged by ada"];
    await until(() => words.every((one) => JSON.stringify(world.cards()).includes(one)));
    expect(world.replies()).toHaveLength(1);
    await world.requester.command("/cody report");
    const numbers = async () => JSON.stringify((await world.requester.modal()).view);
    await expect.poll(numbers).toContain("*Merged unchanged*\\n1");
    expect(await numbers()).toMatch(/\*Opened\*\\n2.*\*From opening to merge\*\\n0\.0 h/);
    await (await world.requester.modal()).close();
  });
});
