import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { publish } from "../../containers/runner/publish-run.ts";
import { takePatch } from "../../packages/workspace/patch.ts";
import { testForge } from "./forge-fixture.ts";
import { memoryRecords } from "./memory-records.ts";
import { ownTable } from "./own-table.ts";
import { cloneOf } from "./patch-journey.ts";
import { aJob, aRun, openStore } from "./store-backends.ts";
import { git, scratchFolder } from "./workspace-origin.ts";

const REPOSITORY = "acme/app";

describe("a patch that GitHub does not take", () => {
  const table = ownTable();

  async function published(how: { readOnly?: boolean; hook?: string }) {
    const forge = await testForge();
    const commits = [{ message: "Start", date: "2026-01-01T00:00:00Z", files: { "a.txt": "one\n" } }];
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
    await writeFile(join(work.tree, "a.txt"), "two\n");
    const { patch, paths: _, ...facts } = await takePatch(work);

    const { store: jobs } = openStore(table.url);
    const { records } = memoryRecords();
    const job = aJob({ repositories: [REPOSITORY] });
    const round = { jobId: job.jobId, round: 1, repositories: [REPOSITORY], requestedBy: "U1" };
    await jobs.insertJob(job);
    await jobs.insertRound({ ...round, kind: "first", requestedAt: job.createdAt });
    const verdict = { wereChangesNecessary: true, summary: "s", evidence: [], pullRequestBody: "b" };
    const ref = { jobId: job.jobId, round: 1, repository: REPOSITORY };
    const { key } = await records.putPatch(ref, patch);
    await jobs.openRun(
      aRun(job, {
        repository: REPOSITORY,
        state: "verifying",
        baseBranch: "main",
        baseCommit: commit,
        ending: "changed",
        verdict: { ...verdict, pullRequestTitle: "Two" },
        patch: { ...facts, key, bytes: patch.length },
      }),
    );
    const deps = { jobs, records, github: how.readOnly ? forge.reader : forge.writer, secrets: [], log: () => {} };
    await publish(ref, { ...deps, remote: { url, token }, folder: await scratchFolder() });
    return (await jobs.readRun(ref))!;
  }

  it.each([
    ["a token that may only read", { readOnly: true }, "give the token write access"],
    ["a rule of the repository", { hook: "echo GH013: rule violations; exit 1" }, "allow cody/\\* branches"],
  ])("because of %s is kept for a retry, with what to do", async (_, how, nextStep) => {
    const run = await published(how);
    expect(run).toMatchObject({ state: "failed", reason: { code: "push-denied" }, patch: { files: 1 } });
    expect(run.reason!.nextStep).toMatch(new RegExp(`^Download the patch, or ${nextStep}.* retry\\.$`));
  });

  it("and one that it takes is a pull request, a draft because nothing has verified it", async () => {
    expect(await published({})).toMatchObject({ state: "published", pullRequest: { draft: true, number: 1 } });
  });
});
