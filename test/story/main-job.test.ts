import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { createWatch } from "../../functions/watch.ts";
import { blockLines } from "../../packages/local/demo/block-text.ts";
import { SAMPLE_CHECK } from "../../packages/local/demo/options.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import { ACTIONS, targetValue } from "../../packages/views/actions.ts";
import { looksBack } from "./look-back.ts";
import { openWorld, runOf, until } from "./world.ts";

const THREE = ["acme/orders", "acme/gateway", "acme/ledger"];

describe("one prompt over three repositories", () => {
  it("ends in two pull requests and one proof that nothing was needed, on one card; a patch only opens none and is downloaded", async () => {
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

    await world.submit({ delivery: "patch-only" }, ["acme/orders"]);
    const again = await world.untilJob(
      ({ job, ...later }) => job.jobId !== record.job.jobId && allAtRest({ job, ...later }),
    );
    const run = runOf(again, "acme/orders");
    expect(run.state).toBe("patch-ready");
    expect(world.forge.admin.pullRequests("acme/orders")).toHaveLength(1);

    // The link is signed on click.
    const second = await until(() => world.cards().find((one) => JSON.stringify(one).includes("1 of 1 done")));
    await world.requester.click(second.ts, ACTIONS.downloadPatch, targetValue({ ...run, round: 1 }));
    const answer = await until(() => world.requester.ephemerals().at(-1));
    const [link] = /https?:[^"\\|>\s]+X-Amz-Signature=\w+[^"\\|>\s]*/.exec(JSON.stringify(answer)) ?? [];
    const patch = await fetch(link!.replaceAll("&amp;", "&"));
    expect(await patch.text()).toMatch(/^\+.*2\.17\.1/m);
    expect(patch.headers.get("content-disposition")).toContain("acme-orders");
  });

  it("keeps every turn and the outcome, and opens from the pinned base and says that the base has moved on", async () => {
    const world = await openWorld();
    const second = world.claude.hold(2);
    await world.submit({}, ["acme/orders"]);
    await second.reached;
    await world.forge.admin.commit("acme/orders", "main", {
      message: "Rewrite the build\n",
      date: "2026-11-22T10:00:00Z",
      files: { "pom.xml": "<project/>\n" },
    });
    second.release();
    const record = await world.untilAtRest();
    expect(runOf(record, "acme/orders")).toMatchObject({ state: "published", reason: { code: "conflicts" } });
    await until(() => world.cards().find((card) => JSON.stringify(card).includes("does not merge with it")));
    const ref = { jobId: record.job.jobId, round: 1, repository: "acme/orders" };
    const turns = await world.records.turnsOf(ref);
    const outcome = await world.records.outcome(ref);
    expect(outcome).toMatchObject({ ending: "changed", scripted: true, turns: turns.length });
    expect(runOf(record, "acme/orders")).toMatchObject(outcome!.totals);
    // The job has no check.
    expect(world.forge.admin.pullRequests("acme/orders")).toMatchObject([
      { draft: true, body: expect.stringContaining("> **Draft: not verified, no check was given.**") },
    ]);
    await until(() =>
      world.cards().find((card) => JSON.stringify(card).includes("Draft: not verified, no check was given. Give")),
    );

    const asked = world.claude.requests().filter(({ answered }) => answered === "message");
    expect(asked).toHaveLength(turns.length);
    const spoken = asked.at(-1)!.body!.messages.filter(({ role }) => role !== "system");
    expect(spoken).toHaveLength(turns.length * 2 - 1);
  });
});
