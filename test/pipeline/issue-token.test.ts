import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Job } from "../../packages/jobs/job.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound, type Round } from "../../packages/jobs/round.ts";
import { issueToken, type TokenFor } from "../../packages/pipeline/issue-token.ts";
import { startLambda } from "../../packages/stand-ins/lambda/lambda.ts";
import { AT, aJob, aRun, JOB_ID } from "../builders.ts";
import { patchOf } from "./world.ts";

const REF = { jobId: JOB_ID, repository: "acme/orders", round: 1 };
const patch = patchOf(REF);
const changed = { state: "verifying", ending: "changed", patch } as const;
const publishing = { ...changed, state: "publishing" } as const;
const ISSUED = { ok: true, token: "issued", expiresAt: AT } as const;

type Case = {
  kind?: Round["kind"];
  run?: Partial<RepoRun>;
  job?: Partial<Job>;
  finished?: boolean;
  ref?: Partial<typeof REF>;
};

/** Which of the two tasks would be given a token; and for which repositories GitHub was asked. */
async function issues({ kind = "first", run = {}, job = {}, finished = false, ref = {} }: Case) {
  const asked: string[] = [];
  const record = {
    job: aJob(job),
    rounds: [{ ...firstRound(aJob()), kind, ...(finished && { finishedAt: AT }) }],
    runs: [aRun(run)],
  };
  const deps = {
    readJob: async (jobId: string) => (jobId === REF.jobId ? record : undefined),
    mint: async (repository: string) => {
      asked.push(repository);
      return ISSUED;
    },
  };
  const to: TokenFor[] = [];
  for (const tokenFor of ["work", "publish"] as const) {
    const answer = await issueToken(deps, tokenFor, { ...REF, ...ref });
    if (answer.ok) to.push(tokenFor);
    else expect(answer.reason.code).toBe("token-refused");
  }
  expect(asked).toEqual(to.map(() => "acme/orders"));
  return to;
}

const options = (delivery: Job["options"]["delivery"]) => ({ options: { ...aJob().options, delivery } });
const cancel = { "acme/orders": { by: "U1", at: AT, round: 1 } };

describe("a token is issued to", () => {
  const cases: [string, TokenFor[], Case][] = [
    ["Work while it is to start", ["work"], { run: { state: "queued" } }],
    ["Work while it works", ["work"], { run: { state: "working" } }],
    ["either when Work has left a patch that goes on to Publish", ["work", "publish"], { run: changed }],
    ["Publish alone in a round that was approved", ["publish"], { run: { ...changed, state: "queued" } }],
    [
      "Publish alone to close a pull request that is needed no more",
      ["publish"],
      { kind: "close", run: { ...changed, state: "queued", ending: "unchanged" } },
    ],
    ["Publish alone while it publishes", ["publish"], { run: publishing }],
    ["Work alone when the job wants only patches", ["work"], { run: changed, job: options("patch-only") }],
    ["Work alone before a person has said yes", ["work"], { run: changed, job: options("review-first") }],
    ["no task while a person decides", [], { run: { ...changed, state: "awaiting-approval" } }],
    [
      "Work alone for a patch that must not be published",
      ["work"],
      { run: { ...changed, patchOnly: { code: "x", message: "x", nextStep: "x" } } },
    ],
    [
      "no task for such a patch, should its run stand as publishing",
      [],
      { run: { ...publishing, patchOnly: { code: "x", message: "x", nextStep: "x" } } },
    ],
    ["no task when it has ended", [], { run: { ...changed, state: "published" } }],
    ["no task when it was cancelled", [], { run: changed, job: { cancel } }],
    ["Publish alone when the cancel comes while it publishes", ["publish"], { run: publishing, job: { cancel } }],
    ["no task when the round is over", [], { run: changed, finished: true }],
    ["no task of an earlier round", [], { run: { ...changed, round: 2 } }],
    ["no task for a repository that is not in the job", [], { ref: { repository: "acme/other" } }],
    ["no task of a job that does not exist", [], { ref: { jobId: "j00000000000000ff" } }],
  ];
  it.each(cases)("%s", async (_, wanted, given) => {
    expect(await issues(given)).toEqual(wanted);
  });
});

describe("the stand-in for Lambda", () => {
  const keys = { accessKeyId: "local", secretAccessKey: "local-secret" };
  async function endpoint() {
    const lines: string[] = [];
    const lambda = await startLambda({
      functions: {
        "read-token": async (event) => ({ event }),
        broken: async () => {
          throw new TypeError("No such thing.");
        },
      },
      region: "us-east-1",
      log: (line) => lines.push(line),
      ...keys,
    });
    onTestFinished(() => lambda.stop());
    const invoke = (FunctionName: string, credentials = keys) =>
      new LambdaClient({ endpoint: lambda.url, region: "us-east-1", credentials, maxAttempts: 1 }).send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify(REF) }),
      );
    return { invoke, lines };
  }

  it("invokes what it knows and answers as Lambda does, also for a function that fails", async () => {
    const { invoke } = await endpoint();
    const answer = await invoke("read-token");
    expect(answer.FunctionError).toBeUndefined();
    expect(JSON.parse(answer.Payload!.transformToString())).toEqual({ event: REF });
    const failed = await invoke("broken");
    expect(failed.FunctionError).toBe("Unhandled");
    expect(JSON.parse(failed.Payload!.transformToString())).toEqual({
      errorType: "TypeError",
      errorMessage: "No such thing.",
    });
  });

  it("refuses another zone's function and a foreign key, and logs no payload", async () => {
    const { invoke, lines } = await endpoint();
    await expect(invoke("write-token")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    const stranger = { ...keys, secretAccessKey: "another" };
    await expect(invoke("read-token", stranger)).rejects.toMatchObject({ name: "InvalidSignatureException" });
    expect(lines).toHaveLength(2);
    expect(lines.join("\n")).not.toContain(REF.jobId);
  });
});
