import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { submitJob } from "../../packages/local/demo/act.ts";
import { type DemoOptions, SAMPLE_PROMPT } from "../../packages/local/demo/options.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import type { Message } from "../../packages/local/slack/workspace.ts";
import { ACTIONS, targetValue } from "../../packages/notify/actions.ts";
import { lookAt } from "../../packages/notify/look-back/places.ts";
import { until } from "../story/world.ts";
import { type Cloud, openCloud } from "./deployed/cloud.ts";
import { all, json } from "./synth/query.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await openCloud();
}, 120_000);
afterAll(() => cloud?.stop(), 30_000);

const person = () => cloud.slack.people.requester;

async function submit(wish: Partial<DemoOptions>, repositories: string[]): Promise<string> {
  const before = await jobIds();
  await submitJob(
    person(),
    { repo: [], keep: false, prompt: SAMPLE_PROMPT, delivery: "open-pr", ...wish },
    repositories,
  );
  return until(async () => (await jobIds()).find((id) => !before.includes(id)));
}
const jobIds = async () =>
  (await cloud.store.jobsOfUser({ teamId: "T0LOCAL", userId: person().id }, { limit: 10 })).items.map(
    ({ jobId }) => jobId,
  );
const untilJob = (jobId: string, holds: (record: JobRecord) => boolean) =>
  until(async () => {
    const record = await cloud.store.readJob(jobId);
    return record && holds(record) ? record : undefined;
  }, 60_000);
const card = (jobId: string, words: string) =>
  until(
    () =>
      cloud.slack.workspace
        .channels()
        .flatMap(({ id }): Message[] => cloud.slack.workspace.messages(id))
        .find(
          (message) =>
            message.metadata?.event_type === "cody_card" &&
            JSON.stringify(message).includes(jobId) &&
            JSON.stringify(message).includes(words),
        ),
    20_000,
  );

describe("the deployment, bundles and all, with stand-ins for AWS itself", () => {
  it("says that it is well", async () => {
    const answer = await fetch(`${cloud.url}/health`);
    expect([answer.status, await answer.json()]).toEqual([200, { ok: true, table: "ok", bucket: "ok", machine: "ok" }]);
  });

  it("takes a signed submit to two pull requests and a proof that nothing was needed", async () => {
    const jobId = await submit({}, ["acme/orders", "acme/gateway", "acme/ledger"]);
    await cloud.invoke("Sweep", {});
    const record = await untilJob(jobId, allAtRest);
    expect(record.runs.map(({ repository, state }) => [repository, state])).toEqual([
      ["acme/orders", "published"],
      ["acme/gateway", "published"],
      ["acme/ledger", "unchanged"],
    ]);
    expect(cloud.forge.admin.pullRequests("acme/orders")).toHaveLength(1);
    await card(jobId, "3 of 3 done");
  }, 90_000);

  it("waits for a person, shows and lists, links the patch, publishes what is approved", async () => {
    const jobId = await submit({ delivery: "review-first" }, ["acme/gateway"]);
    await untilJob(jobId, allAtRest);
    const { ts } = await card(jobId, "1 waiting");
    const value = targetValue({ jobId, repository: "acme/gateway", round: 1 });
    await person().click(ts, ACTIONS.downloadPatch, value);
    const answer = await until(() => person().ephemerals().at(-1));
    const [link] = /https?:[^"\\|>\s]+X-Amz-Signature=\w+[^"\\|>\s]*/.exec(JSON.stringify(answer)) ?? [];
    expect(await (await fetch(link!.replaceAll("&amp;", "&"))).text()).toContain("diff --git");
    await person().click(ts, lookAt("job"));
    const details = await person().modal();
    const says = (words: string) => until(() => JSON.stringify(details.view.blocks).includes(words) || undefined);
    await says(ACTIONS.downloadPatches);
    await details.click(ACTIONS.downloadPatches);
    await says("-patches.zip");
    await details.close();
    await details.close();
    person().openHome();
    await until(() => JSON.stringify(person().home() ?? {}).includes("1 waiting for approval") || undefined);
    await person().command("/cody list");
    await person().command(`/cody status ${jobId}`);
    await person().click(ts, ACTIONS.approve, value);
    await untilJob(jobId, ({ rounds }) => rounds.length === 2 && rounds.every((round) => round.finishedAt));
    expect((await cloud.store.readJob(jobId))!.runs[0]!.state).toBe("published");
  }, 90_000);

  it("cancels on a word, and sweeps with nothing left to do", async () => {
    const jobId = await submit({ delivery: "review-first" }, ["acme/orders"]);
    await untilJob(jobId, allAtRest);
    await person().command(`/cody cancel ${jobId}`);
    await untilJob(jobId, ({ runs }) => runs[0]!.state === "cancelled");
    await cloud.invoke("Sweep", {});
  }, 90_000);

  it("never asks AWS for what its role does not allow", () => {
    const beyond = new Set(
      cloud.calls
        .filter(({ role, action, resource }) => !allows(role, action, resource))
        .map(({ role, action, resource }) => `${role}: ${action} on ${resource}`),
    );
    expect([...beyond]).toEqual([]);
    expect(cloud.calls.length).toBeGreaterThan(100);
  });

  it("is allowed nothing that these journeys did not need, but for what is written here", () => {
    const used = new Set(cloud.calls.map(({ role, action }) => `${role} ${action}`));
    const granted = all(cloud.deployed, "iam/role:Role")
      .filter(({ name }) => cloud.calls.some(({ role }) => role === name))
      .flatMap(({ name, inputs }) =>
        statementsOf(inputs).flatMap(({ Action }) => Action.map((action) => `${name} ${action}`)),
      )
      .filter((grant) => /dynamodb:(?!.*(Stream|GetRecords|ShardIterator))|s3:|states:/.test(grant));
    const unused = [...new Set(granted)].filter((grant) => !used.has(grant)).toSorted();
    expect(unused.filter((grant) => !(grant in RARE))).toEqual([]);
    expect(Object.keys(RARE).filter((grant) => !granted.includes(grant))).toEqual([]);
  });
});

const READ_BACK = "a conditional write whose answer was lost is read back";
const ORPHAN = "the sweeper does what drive or finish could not";
const RARE: Record<string, string> = {
  "DecideRole dynamodb:GetItem": READ_BACK,
  "DriveRole dynamodb:GetItem": READ_BACK,
  "FinishRole dynamodb:GetItem": READ_BACK,
  "FinishRole dynamodb:PutItem": "a run that Plan never opened is closed",
  "NotifyRole dynamodb:GetItem": READ_BACK,
  "PublishTaskRole dynamodb:GetItem": READ_BACK,
  "SlackRole dynamodb:GetItem": READ_BACK,
  "SweepRole dynamodb:GetItem": READ_BACK,
  "SweepRole dynamodb:PutItem": ORPHAN,
  "SweepRole dynamodb:UpdateItem": ORPHAN,
  "SweepRole states:DescribeExecution": ORPHAN,
  "SweepRole states:StartExecution": ORPHAN,
  "WorkTaskRole dynamodb:GetItem": READ_BACK,
};

type Statement = { Action: string[]; Resource: string[] };
const statementsOf = (inputs: Record<string, unknown>): Statement[] =>
  ((inputs.inlinePolicies ?? []) as { policy: string }[]).flatMap(({ policy }) => json(policy).Statement);

/** Names here for the names there. */
const THERE: [RegExp, string][] = [
  [/^artifacts(?=\/|$)/, "arn:aws:s3:::ArtifactsBucket"],
  [/^table\//, "arn:aws:dynamodb:eu-west-1:111122223333:table/"],
  [/^(stateMachine|execution):/, "arn:aws:states:eu-west-1:111122223333:$1:"],
];

function allows(role: string, action: string, resource: string): boolean {
  const { inputs } = all(cloud.deployed, "iam/role:Role").find(({ name }) => name === role)!;
  const arn = THERE.reduce((name, [here, there]) => name.replace(here, there), resource);
  const covers = (pattern: string) =>
    new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(arn);
  return statementsOf(inputs).some(({ Action, Resource }) => Action.includes(action) && Resource.some(covers));
}
