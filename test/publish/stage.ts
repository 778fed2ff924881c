import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { systemClock } from "../../packages/clock/clock.ts";
import { createGitHub } from "../../packages/github/client.ts";
import { inspectRepository } from "../../packages/github/repositories.ts";
import type { Job } from "../../packages/jobs/job.ts";
import { nextRound, type RoundRequest } from "../../packages/jobs/offers.ts";
import type { PullRequestStatus } from "../../packages/jobs/pull-request-status.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import { plan } from "../../packages/pipeline/plan.ts";
import { findOthers } from "../../packages/pipeline/repeats.ts";
import { branchTrees } from "../../packages/publish/branch-tree.ts";
import { publish } from "../../packages/publish/publish.ts";
import type { PublishDeps } from "../../packages/publish/publish-deps.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { type Forge, startForge } from "../../packages/stand-ins/forge/forge.ts";
import { reviewBrief } from "../../packages/work/review-comments.ts";
import { applyPatch } from "../../packages/workspace/apply.ts";
import { cloneWorkspace } from "../../packages/workspace/clone.ts";
import { takePatch } from "../../packages/workspace/patch.ts";
import { aJob, aNewJob, aStatus, aVerdict } from "../builders.ts";
import { openStore } from "../store/backends.ts";
import { memoryRecords } from "../store/memory-records.ts";
import { ownTable } from "../store/own-table.ts";
import { git, scratchFolder } from "../workspace/origin.ts";

const BASE = { "a.txt": "one\n" };

/** Plan and Publish as they are, on one table and one forge for the file; only what Work does is acted. */
export function publishStage() {
  const table = ownTable();
  let forge: Forge;
  let next = 0;
  beforeAll(async () => {
    forge = await startForge({ folder: await scratchFolder(), log: () => {} });
  });
  afterAll(() => forge.stop());

  /** A repository of its own. */
  async function open(files: Record<string, string> = BASE) {
    const repository = `acme/app-${next++}`;
    const commits = [{ message: "Start", date: "2026-01-01T00:00:00Z", files }];
    await forge.admin.addRepository({ name: repository, from: { commits } });
    const folder = forge.admin.gitFolder(repository);
    const url = `${forge.serverUrl}/${repository}.git`;
    const { store } = openStore(table.url);
    const { records } = memoryRecords();
    const teamId = `T${next}`;
    const github = (token: string) => createGitHub({ token, apiUrl: forge.apiUrl, secondMs: 10 });

    async function job(
      changes: Partial<Pick<Job, "prompt" | "requester">> & { options?: Partial<Job["options"]> } = {},
    ) {
      const made = aNewJob({
        repositories: [repository],
        teamId,
        ...changes,
        options: { ...aJob().options, ...changes.options },
      });
      const { jobId } = made;
      const ref = (round: number) => ({ jobId, round, repository });
      await store.insertJob(made);
      await store.insertRound(firstRound(made));
      const row = async () => (await store.readJob(jobId))!.runs.find((run) => run.repository === repository)!;

      async function planned(round: number): Promise<RepoRun> {
        const client = github(forge.readToken);
        await plan(
          {
            ...store,
            now: () => new Date(),
            inspect: (name, request) => inspectRepository(client, name, request),
            othersIn: findOthers(store),
          },
          { jobId, round },
        );
        return row();
      }

      /** What Work leaves: the files on top of what earlier rounds have changed. */
      async function worked(change: Record<string, string>, also: Pick<RepoRun, "verification"> = {}) {
        const claimed = (await store.claimRun(ref((await row()).round)))!;
        const lease = { ...ref(claimed.round), attempt: claimed.attempt };
        const scratch = join(await scratchFolder(), "work");
        const work = await cloneWorkspace({
          url,
          token: forge.readToken,
          folder: scratch,
          commit: claimed.baseCommit!,
        });
        if (claimed.patch) await applyPatch(work, await records.readPatch(claimed.patch.key));
        for (const [path, content] of Object.entries(change)) {
          await mkdir(dirname(join(work.tree, path)), { recursive: true });
          await writeFile(join(work.tree, path), content);
        }
        const { patch, paths: _, refused: __, ...facts } = await takePatch(work);
        const { key } = await records.putPatch(lease, patch);
        for (const state of ["cloning", "working"] as const) await store.updateRun(lease, { state });
        const result = {
          ending: "changed",
          verdict: aVerdict({ pullRequestTitle: "Two", pullRequestBody: "b" }),
          patch: { ...facts, key, bytes: patch.length },
          ...also,
        } as const;
        await store.updateRun(lease, { state: "verifying", ...result });
      }

      async function published(deps: Partial<PublishDeps> & { token?: string } = {}) {
        const { token = forge.writeToken, ...more } = deps;
        await publish(ref((await row()).round), {
          jobs: store,
          records,
          github: github(token),
          openTree: branchTrees({ remote: { url, token }, folder: await scratchFolder() }),
          redactor: createRedactor([]),
          secrets: [],
          clock: systemClock,
          deadlineMs: 1_200,
          log: () => {},
          ...more,
        });
        const { round } = await row();
        await store.markRoundFinished({ jobId, round });
        return row();
      }

      return {
        jobId,
        row,
        record: async () => (await store.readJob(jobId))!,
        /** A later round in which nothing was needed any more. */
        async foundNothing() {
          await store.markRoundFinished({ jobId, round: (await row()).round });
          const asked = { by: "U1", at: new Date().toISOString() };
          const request: RoundRequest = {
            kind: "refine",
            repositories: [repository],
            prompt: "Take it back.",
            ...asked,
          };
          const later = nextRound((await store.readJob(jobId))!, request);
          const { round } = later;
          await store.insertRound(later);
          await planned(round);
          await store.moveRun(ref(round), ["queued"], { state: "unchanged", ending: "unchanged", patch: undefined });
          await store.markRoundFinished({ jobId, round });
        },
        planned,
        worked,
        published,
        /** What a look at GitHub has found, on the row. */
        async seen(changes: Partial<PullRequestStatus>) {
          const { number, commit } = (await row()).pullRequest!;
          const watch = { jobId, repository, number, nodeId: "", movedAt: "", version: "" };
          await store.keepPullRequestStatus(watch, aStatus({ number, head: commit, ...changes }));
        },
        /** A round on a review that was given all threads, and found that nothing of the change is needed. */
        async answered(replyTo: (thread: string) => string) {
          const { pullRequest, round } = await row();
          const client = github(forge.readToken);
          const brief = await reviewBrief(client, await row(), (text) => text);
          if (brief.kind === "stop") throw new Error(brief.reason.message);
          const claimed = (await store.claimRun(ref(round)))!;
          const lease = { ...ref(round), attempt: claimed.attempt };
          await store.updateRun(lease, { state: "cloning", ...brief.given });
          const replies = brief.given.answering!.threads.map((thread) => ({ thread, body: replyTo(thread) }));
          const verdict = aVerdict({ wereChangesNecessary: false, replies });
          await store.updateRun(lease, { state: "working" });
          await store.updateRun(lease, { state: "verifying", ending: "unchanged", verdict, patch: undefined });
          return pullRequest!;
        },
        /** Another attempt of the same task takes the lease. */
        claimedByAnother: async () => store.claimRun(ref((await row()).round)),
        async nextRound(request: Omit<RoundRequest, "by" | "at">) {
          await store.markRoundFinished({ jobId, round: (await row()).round });
          const record = (await store.readJob(jobId))!;
          const round = nextRound(record, { ...request, by: "U1", at: new Date().toISOString() });
          await store.insertRound(round);
          return planned(round.round);
        },
        /** Plan, Work and Publish of a first round. */
        async run(change: Record<string, string>, also: Pick<RepoRun, "verification"> = {}) {
          await planned(1);
          await worked(change, also);
          return published();
        },
      };
    }

    return {
      forge,
      repository,
      folder,
      job,
      at: (ref: string) => git(folder, ["rev-parse", ref]).toString().trim(),
      branches: () =>
        git(folder, ["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"]).toString().trim().split("\n"),
      pulls: () => forge.admin.pullRequests(repository),
      /** `hook`: a shell script in place of GitHub's rules. */
      async refuses(hook: string) {
        await writeFile(join(folder, "hooks", "pre-receive"), `#!/bin/sh\necho x >> "$0.count"\n${hook}\n`, {
          mode: 0o755,
        });
      },
    };
  }
  return { open };
}
