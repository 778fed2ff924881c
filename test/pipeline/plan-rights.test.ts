import { expect, it } from "vitest";
import { createRequesterRights } from "../../packages/github/requester-rights.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import { plan } from "../../packages/pipeline/plan.ts";
import { AT, aJob, aPullRequest, aRun } from "../builders.ts";
import { BASE } from "./world.ts";

const ORDERS = "acme/orders";
const job = aJob({ repositories: [ORDERS] });
const before = aRun({ state: "published", spendUsd: 1, baseCommit: BASE, pullRequest: aPullRequest(ORDERS, 3) });

type Rights = Parameters<typeof createRequesterRights>[0];

/** How the run enters a round on failing checks. */
async function opened(rights: Partial<Rights>, { byItself = true } = {}): Promise<RepoRun> {
  const round = { ...firstRound(job), round: 2, kind: "fix-checks" as const, byItself };
  const runs: RepoRun[] = [];
  const all = { people: {}, strict: false, admins: [], mayPush: async () => true, ...rights };
  await plan(
    {
      readJob: async () => ({ job, rounds: [firstRound(job), round], runs: [before] }),
      openRun: async (run) => {
        runs.push(run);
        return run;
      },
      inspect: async () => ({ ok: true, baseBranch: "main", baseCommit: BASE }),
      requesterRefusal: createRequesterRights(all),
      now: () => new Date(AT),
    },
    { jobId: job.jobId, round: 2 },
  );
  return runs[0]!;
}

const named = { people: { [job.userId]: "octocat" } };
const hidden = (strict: boolean) => {
  const error = Object.assign(new Error("Must have push access to view collaborator permission."), { status: 403 });
  return { ...named, strict, mayPush: () => Promise.reject(error) };
};
const lost = { ...named, mayPush: async () => false };

it.each<[string, Partial<Rights>, { byItself?: boolean }]>([
  ["of a person whom no deployment names", {}, {}],
  ["of a person who may write", { ...named, strict: true }, {}],
  ["of an admin, in a deployment that became strict", { strict: true, admins: [job.userId] }, {}],
  ["where the token may not ask for rights, and a press asks for none either", hidden(false), {}],
  ["that a person has asked for: that was for the press to say", { ...lost, strict: true }, { byItself: false }],
])("a round begins %s", async (_, rights, asked) => {
  expect(await opened(rights, asked)).toMatchObject({ state: "queued", round: 2 });
});

it.each<[string, Partial<Rights>, string, string]>([
  [
    "may not write any more",
    lost,
    "requester-refused",
    "octocat, for whom this job runs, may not write to acme/orders",
  ],
  [
    "is not named, and the deployment became strict",
    { strict: true },
    "requester-refused",
    "is not among those who may",
  ],
  ["may write or not: the token may not ask", hidden(true), "github", "push access"],
  [
    "may write or not: GitHub does not say",
    { ...named, mayPush: () => Promise.reject(new Error("503 Unicorn")) },
    "github",
    "503 Unicorn",
  ],
])("a round by itself ends unspent where the requester %s", async (_, rights, code, words) => {
  const run = await opened(rights);
  expect(run).toMatchObject({
    state: "published",
    round: 2,
    spendUsd: 1,
    reason: { code },
    pullRequest: { number: 3 },
  });
  expect(run.reason!.message).toContain(words);
});
