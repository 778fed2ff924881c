import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../packages/clock/clock.ts";
import { branchTrees } from "../../packages/publish/branch-tree.ts";
import { publish } from "../../packages/publish/publish.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { takePatch } from "../../packages/workspace/patch.ts";
import { aNewJob, aRunOf, aVerdict } from "../builders.ts";
import { testForge } from "../stand-ins/forge-fixture.ts";
import { openStore } from "../store/backends.ts";
import { memoryRecords } from "../store/memory-records.ts";
import { ownTable } from "../store/own-table.ts";
import { git, scratchFolder } from "../workspace/origin.ts";
import { cloneOf } from "../workspace/patch-journey.ts";

const REPOSITORY = "acme/app";
/** Words of the base that look like a redactor's. */
const HELD = "[redacted npm token]\n";

describe("a patch that GitHub does not take", () => {
  const table = ownTable();

  async function published(how: { readOnly?: boolean; hook?: string; writes?: string; says?: string }) {
    const forge = await testForge();
    const commits = [{ message: "Start", date: "2026-01-01T00:00:00Z", files: { "a.txt": "one\n", b: HELD } }];
    await forge.admin.addRepository({ name: REPOSITORY, from: { commits } });
    const folder = forge.admin.gitFolder(REPOSITORY);
    const url = `${forge.serverUrl}/${REPOSITORY}.git`;
    const token = how.readOnly ? forge.readToken : forge.writeToken;
    const commit = git(folder, ["rev-parse", "HEAD"]).toString().trim();
    if (how.hook) {
      await mkdir(join(folder, "hooks"), { recursive: true });
      await writeFile(join(folder, "hooks", "pre-receive"), `#!/bin/sh\n${how.hook}\n`);
      await chmod(join(folder, "hooks", "pre-receive"), 0o755);
    }
    const work = await cloneOf({ folder, source: folder, url, commit }, { token });
    await writeFile(join(work.tree, "a.txt"), how.writes ?? "two\n");
    const { patch, paths: _, ...facts } = await takePatch(work);

    const { store: jobs } = openStore(table.url);
    const { records } = memoryRecords();
    const says = how.says ?? "";
    // Where the pull request quotes a prompt it is cut, in the middle of this.
    const job = aNewJob({ repositories: [REPOSITORY], prompt: `${"Change it. ".repeat(53)}${says}` });
    const round = { jobId: job.jobId, round: 1, repositories: [REPOSITORY], requestedBy: "U1" };
    await jobs.insertJob(job);
    await jobs.insertRound({ ...round, kind: "first", requestedAt: job.createdAt });
    const ref = { jobId: job.jobId, round: 1, repository: REPOSITORY };
    const { key } = await records.putPatch(ref, patch);
    await jobs.openRun(
      aRunOf(job, {
        repository: REPOSITORY,
        state: "verifying",
        baseBranch: "main",
        baseCommit: commit,
        ending: "changed",
        verdict: aVerdict({ summary: `s ${says}`, pullRequestTitle: `Two ${says}`, pullRequestBody: `b ${says}` }),
        patch: { ...facts, key, bytes: patch.length },
      }),
    );
    await publish(ref, {
      jobs,
      records,
      github: how.readOnly ? forge.reader : forge.writer,
      openTree: branchTrees({ remote: { url, token }, folder: await scratchFolder() }),
      redactor: createRedactor([]),
      secrets: [],
      clock: systemClock,
      log: () => {},
    });
    const { pullRequest, ...run } = (await jobs.readRun(ref))!;
    const message = pullRequest && git(folder, ["log", "-1", "--format=%B", pullRequest.branch]).toString();
    const [owner, repo] = REPOSITORY.split("/") as [string, string];
    const shown =
      pullRequest && (await forge.writer.rest.pulls.get({ owner, repo, pull_number: pullRequest.number })).data;
    return { ...run, pullRequest, message, title: shown?.title, body: shown?.body };
  }

  it.each([
    ["a token that may only read", { readOnly: true }, "give the token write access"],
    ["a rule of the repository", { hook: "echo GH013: rule violations; exit 1" }, "allow cody/\\* branches"],
  ])("because of %s is kept for a retry, with what to do", async (_, how, nextStep) => {
    const run = await published(how);
    expect(run).toMatchObject({ state: "failed", reason: { code: "push-denied" }, patch: { files: 1 } });
    expect(run.reason!.nextStep).toMatch(new RegExp(`^Download the patch, or ${nextStep}.* retry\\.$`));
  });

  it("and one that it takes is a pull request, a draft because nothing has verified it, without a secret in its words", async () => {
    const token = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;
    // Words of a redactor that the base holds too may be published.
    const { state, pullRequest, title, body, message } = await published({ writes: HELD, says: token });
    expect({ state, pullRequest }).toMatchObject({ state: "published", pullRequest: { draft: true, number: 1 } });
    expect(title).toBe("Two [redacted GitHub token]");
    expect(body).toMatch(/^[\s\S]*b \[redacted GitHub token\][\s\S]*> Change it\.[\s\S]*\[redacted GitHub…/);
    for (const text of [title, body, message]) expect(text).not.toContain(token.slice(0, 12));
  });

  it("because it writes a placeholder that the base does not hold is left to a person", async () => {
    expect(await published({ writes: 'KEY = "[redacted AWS key id]"\n' })).toMatchObject({
      state: "patch-ready",
      reason: { code: "placeholder", message: expect.stringMatching(/\[redacted AWS key id\] in a\.txt, line 1/) },
    });
  });
});
