import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import type { RepoRunState } from "../../packages/jobs/states.ts";
import { submitJob as submitInDemo } from "../../packages/local/demo/act.ts";
import { showJob } from "../../packages/notify/thread.ts";
import { ACTIONS, placeValue, targetValue } from "../../packages/views/actions.ts";
import { OPEN_FORM } from "../../packages/views/welcome.ts";
import { isPromptField } from "../../slack/interactions/run-prompt.ts";
import { aJob, aPatch, aStartedRun, aVerdict } from "../builders.ts";
import { slackWorld } from "./slack-world.ts";
import { connect, depsOver, openWorkspace } from "./world.ts";

const world = slackWorld();

const people = () => world.workspace.slack.people;
const lastTold = (person: "requester" | "second" = "requester") => {
  const message = people()[person].ephemerals().at(-1);
  return `${message?.text} ${JSON.stringify(message?.blocks ?? "")}`;
};

/** Waits for what follows an ack: the click is answered before the answer is said. */
async function told(sentence: RegExp, person: "requester" | "second" = "requester") {
  await expect.poll(() => lastTold(person)).toMatch(sentence);
}

/** The repositories that a form has chosen before the person does. */
const chosenIn = ({ blocks }: { blocks: readonly object[] }): string[] => {
  const [, chosen = ""] = /"initial_options":(\[.*?\])/.exec(JSON.stringify(blocks)) ?? [];
  return [...chosen.matchAll(/"value":"([^"]*)"/g)].map(([, name]) => name!);
};

async function submitJob(fields: Record<string, string | string[]> = {}): Promise<JobRecord> {
  const { requester } = people();
  await requester.command("/cody Raise log4j-core to at least 2.17.1");
  const modal = await requester.modal();
  await modal.fill({ repositories: ["acme/orders", "acme/shop"], ...fields });
  expect(await modal.submit()).toEqual({ closed: true });
  const { items } = await world.store.jobsOfUser({ teamId: "T0LOCAL", userId: requester.id }, { limit: 1 });
  await world.store.insertRound(firstRound(items[0]!));
  return (await world.store.readJob(items[0]!.jobId))!;
}

/** Rows as the pipeline leaves them, and the card that shows them. */
async function cardOf({ job }: JobRecord, states: RepoRunState[], changes = {}) {
  for (const [i, repository] of job.repositories.entries()) {
    const { teamId, userId, jobId } = job;
    const row = {
      ...aStartedRun({ repository, state: states[i]!, patch: aPatch(), verdict: aVerdict(), ...changes }),
      teamId,
      userId,
      jobId,
    };
    await world.store.openRun(row);
  }
  await world.store.markRoundFinished({ jobId: job.jobId, round: 1 });
  await showJob(world.workspace.thread, job.jobId);
  return (await world.store.readJob(job.jobId))!.card!.ts!;
}

const stateOf = async ({ job }: JobRecord, repository: string) =>
  (await world.store.readRun({ jobId: job.jobId, repository }))!.state;
const roundsOf = async ({ job }: JobRecord) =>
  (await world.store.readJob(job.jobId))!.rounds.map(({ kind, repositories }) => [kind, ...repositories]);

describe("starting a job", () => {
  it("from /cody through the form to one row", async () => {
    const record = await submitJob({ delivery: "review-first", "verify-command": "mvn -q verify" });
    expect(record.job).toMatchObject({
      prompt: "Raise log4j-core to at least 2.17.1",
      repositories: ["acme/orders", "acme/shop"],
      channelId: "C0CODY",
      userId: "U0REQUESTER",
      teamId: "T0LOCAL",
      options: { delivery: "review-first", verifyCommand: "mvn -q verify", model: "claude-sonnet-5-5", capUsd: 5 },
    });
    expect(people().requester.notices()).toEqual([]);
    expect(world.workspace.refused).toEqual([]);
  });

  it("is one job where the app answers late and the form is sent again", async () => {
    const ackMs = 3_000;
    const workspace = await openWorkspace(world.store, { limits: { ackMs } });
    let isLate = true;
    const insertJob: typeof world.store.insertJob = async (job) => {
      if (isLate) await sleep(ackMs + 200);
      isLate = false;
      return world.store.insertJob(job);
    };
    const app = await connect(workspace, { ...world.deps, store: { ...world.store, insertJob } });
    try {
      const options = { keep: false, prompt: "Once, though it was sent twice", delivery: "open-pr" } as const;
      await submitInDemo(workspace.slack.people.requester, { ...options, repo: [] }, ["acme/orders"]);
      const jobs = await world.store.jobsOfTeam("T0LOCAL", { limit: 50 });
      expect([isLate, jobs.items.filter(({ prompt }) => prompt === options.prompt)]).toMatchObject([false, [{}]]);
    } finally {
      await app.stop();
      await workspace.slack.stop();
    }
  });

  it("shows every mistake beside its field and starts nothing; corrected, it is one job", async () => {
    const { requester } = people();
    const before = (await world.store.jobsOfTeam("T0LOCAL", { limit: 100 })).items.length;
    await requester.command("/cody");
    const modal = await requester.modal();
    await modal.fill({ prompt: "Raise it", repositories: ["acme/orders"], cap: "-3", "base-branch": "a..b" });
    expect(await modal.submit()).toEqual({
      errors: { cap: "The cost limit must be above $0.", "base-branch": "That is not a valid branch name." },
    });
    await modal.fill({ cap: "3", "base-branch": null });
    expect(await modal.submit()).toEqual({ closed: true });
    expect((await world.store.jobsOfTeam("T0LOCAL", { limit: 100 })).items).toHaveLength(before + 1);
  });

  it("from a message, which becomes the prompt", async () => {
    const { requester, second } = people();
    const { ts } = second.say("please raise <https://example.com|log4j> &amp; co in acme/shop");
    await requester.shortcut(ts, "cody-run-on-message");
    const { view, close } = await requester.modal();
    expect(JSON.stringify(view.blocks)).toContain("please raise log4j (https://example.com) & co in acme/shop");
    expect(chosenIn(view)).toEqual(["acme/shop"]);
    await close();
    const alert = second.say("", { with: { attachments: [{ title: "OutOfMemoryError", text: "in orders" }] } });
    await requester.shortcut(alert.ts, "cody-run-on-message");
    expect(JSON.stringify((await requester.modal()).view.blocks)).toContain("OutOfMemoryError\\nin orders");
  });

  it("from a mention, by a button that opens the form", async () => {
    const { requester } = people();
    const mention = requester.say("<@U0CODYBOT> raise log4j in acme/orders");
    await told(/Open the form to choose repositories/);
    const { ts } = requester.ephemerals().at(-1)!;
    await requester.click(ts, "cody-open-form");
    const { view } = await requester.modal();
    expect(JSON.stringify(view.blocks)).toContain("raise log4j in acme/orders");
    expect(chosenIn(view)).toEqual(["acme/orders"]);

    // An edit, a deletion and what Slack delivers again because it heard nothing are no second request.
    const offers = () => requester.ephemerals().length;
    const once = offers();
    requester.edit(mention.ts, "<@U0CODYBOT> raise log4j-core");
    requester.remove(mention.ts);
    const again = { type: "app_mention", user: requester.id, text: mention.text, channel: "C0CODY" };
    const deliver = (event: object, retryReason?: string) =>
      world.app.processEvent({
        body: { type: "event_callback", team_id: "T0LOCAL", event },
        ack: async () => {},
        ...(retryReason && { retryNum: 1, retryReason }),
      });
    await deliver({ ...again, ts: mention.ts, event_ts: mention.ts }, "http_error");
    await deliver({ ...again, ts: "1700000000.000100", event_ts: "1700000000.000100" }, "http_timeout");
    expect(offers()).toBe(once);
    await deliver({ ...again, ts: "1700000000.000200", event_ts: "1700000000.000200" }, "http_error");
    expect(offers()).toBe(once + 1);
  });

  it("from a mention in a thread: what was said there before is the context, and a long mention is not cut", async () => {
    const { requester, second } = people();
    const root = second.say("log4j-core 2.14 is in orders <@U0REQUESTER> &amp; shop");
    second.say("So is minimist", { threadTs: root.ts });
    const prompt = `Raise both. ${"Mind the tests. ".repeat(150)}`.trim();
    requester.say(`<@U0CODYBOT> ${prompt}`, { threadTs: root.ts });
    await told(/Open the form/);
    second.say("Said later", { threadTs: root.ts });
    await requester.click(requester.ephemerals().at(-1)!.ts, OPEN_FORM);
    const modal = await requester.modal();
    const typed = () =>
      modal.view.blocks
        .filter(({ block_id }) => isPromptField(block_id!))
        .map(({ element }) => (element as { initial_value?: string }).initial_value ?? "")
        .join(" ");
    await expect.poll(typed).toContain("What was said in the thread before");
    expect(typed()).toBe(
      `${prompt}\n\nWhat was said in the thread before:\n> log4j-core 2.14 is in orders @U0REQUESTER & shop\n>\n> So is minimist`,
    );
    await modal.fill({ repositories: ["acme/orders"] });
    expect(await modal.submit()).toEqual({ closed: true });
    const { items } = await world.store.jobsOfUser({ teamId: "T0LOCAL", userId: requester.id }, { limit: 1 });
    expect(items[0]!.prompt).toContain("> So is minimist");
  });

  it("says so when the table does not answer, and nothing was started", async () => {
    await world.app.stop();
    const insertJob = async () => Promise.reject(new Error("the table is away"));
    world.app = await connect(world.workspace, depsOver({ ...world.store, insertJob }));
    const { requester } = people();
    await requester.command("/cody Raise it");
    const modal = await requester.modal();
    await modal.fill({ repositories: ["acme/orders"] });
    expect(await modal.submit()).toEqual({ errors: { prompt: expect.stringContaining("Nothing was changed") } });
    expect(world.workspace.logged).toContainEqual(expect.stringMatching(/^slack failed: .*the table is away/));
  });
});

describe("/cody help, list, status, cancel", () => {
  it("answer the person who asked, no other", async () => {
    const record = await submitJob();
    const { requester, second } = people();
    await requester.command("/cody help");
    await told(/\/cody PROMPT/);
    await requester.command("/cody list");
    await told(new RegExp(record.job.jobId));
    await requester.command(`/cody status ${record.job.jobId}`);
    await told(/Queued.*acme\/orders/);
    await second.command("/cody list");
    await told(/You have no jobs yet/, "second");
    await requester.command("/cody status nonsense");
    await told(/A job id looks like .* `\/cody list` shows yours/);
    for (const what of ["status", "cancel"]) {
      await requester.command(`/cody ${what}`);
      await told(/Say which job, by its id; `\/cody list` shows yours/);
    }
    await requester.command("/cody status j00000000000000ff");
    await told(/There is no such job in this workspace/);
  });

  it("another workspace's job does not exist here", async () => {
    await world.store.insertJob(aJob({ jobId: "j00000000000000bb", teamId: "T0OTHER", userId: "U0REQUESTER" }));
    for (const what of ["status", "cancel"]) {
      await people().requester.command(`/cody ${what} j00000000000000bb`);
      await told(/There is no such job in this workspace/);
    }
    expect((await world.store.readJob("j00000000000000bb"))!.job.cancel).toEqual({});
  });

  it("cancel is the requester's", async () => {
    const record = await submitJob();
    const { jobId } = record.job;
    await people().second.command(`/cody cancel ${jobId}`);
    await told(/Only the person who asked/, "second");
    expect((await world.store.readJob(jobId))!.job.cancel).toEqual({});
    await people().requester.command(`/cody cancel ${jobId}`);
    expect((await world.store.readJob(jobId))!.job.cancel).toMatchObject({ "*": { by: "U0REQUESTER", round: 1 } });
  });

  it("what is no word of ours is a prompt, of any length: the form keeps it", async () => {
    const { requester } = people();
    for (const prompt of ["halp", "status of the tests: fix them", `Rewrite it. ${"x".repeat(9_100)}`]) {
      await requester.command(`/cody ${prompt}`);
      const modal = await requester.modal();
      const typed = modal.view.blocks.map(
        ({ element }) => (element as { initial_value?: string })?.initial_value ?? "",
      );
      expect(typed.join("")).toContain(prompt.slice(-2_000));
      await modal.close();
    }
  });

  it("cancel of what has ended, or is being cancelled, says so and changes nothing", async () => {
    const record = await submitJob();
    const { jobId } = record.job;
    const { requester } = people();
    await requester.command(`/cody cancel ${jobId}`);
    const once = (await world.store.readJob(jobId))!.job;
    await requester.command(`/cody cancel ${jobId}`);
    await told(/being cancelled already/);
    expect((await world.store.readJob(jobId))!.job).toEqual(once);
    const ended = await submitJob();
    await cardOf(ended, ["unchanged", "published"]);
    await requester.command(`/cody cancel ${ended.job.jobId}`);
    await told(/Nothing of that runs any more/);
    expect((await world.store.readJob(ended.job.jobId))!.job.cancel).toEqual({});
  });
});

describe("the card's buttons", () => {
  it("Cancel, and Cancel one", async () => {
    const record = await submitJob();
    const { jobId } = record.job;
    await showJob(world.workspace.thread, jobId);
    const { ts } = (await world.store.readJob(jobId))!.card!;
    await people().requester.click(ts!, ACTIONS.cancelOne, placeValue(jobId, 1));
    expect((await world.store.readJob(jobId))!.job.cancel).toMatchObject({ "acme/shop": { by: "U0REQUESTER" } });
    await people().requester.click(ts!, ACTIONS.cancel);
    expect(Object.keys((await world.store.readJob(jobId))!.job.cancel).sort()).toEqual(["*", "acme/shop"]);
  });

  it("Approve publishes once, however often it is pressed; Reject keeps who and when", async () => {
    const record = await submitJob({ delivery: "review-first" });
    const ts = await cardOf(record, ["awaiting-approval", "awaiting-approval"]);
    const { requester, second } = people();
    const of = (repository: string) => targetValue({ jobId: record.job.jobId, repository, round: 1 });

    await second.click(ts, ACTIONS.approve, of("acme/orders"));
    await told(/Only the person who asked/, "second");
    expect(await roundsOf(record)).toHaveLength(1);

    await Promise.all([
      requester.click(ts, ACTIONS.approve, of("acme/orders")),
      requester.click(ts, ACTIONS.approve, of("acme/orders")),
    ]);
    await told(/Nothing to approve/);
    expect(await roundsOf(record)).toEqual([
      ["first", "acme/orders", "acme/shop"],
      ["publish", "acme/orders"],
    ]);
    await requester.click(ts, ACTIONS.reject, of("acme/orders"));
    await told(/already decided/);
    expect(await stateOf(record, "acme/orders")).toBe("awaiting-approval");

    await requester.click(ts, ACTIONS.reject, of("acme/shop"));
    const run = await world.store.readRun({ jobId: record.job.jobId, repository: "acme/shop" });
    expect(run).toMatchObject({ state: "cancelled", reason: { code: "rejected" }, rejection: { by: "U0REQUESTER" } });
  });

  it("two approvals at the same moment become two rounds", async () => {
    const record = await submitJob({ delivery: "review-first" });
    const ts = await cardOf(record, ["awaiting-approval", "awaiting-approval"]);
    const of = (repository: string) => targetValue({ jobId: record.job.jobId, repository, round: 1 });
    await Promise.all(
      ["acme/orders", "acme/shop"].map((name) => people().requester.click(ts, ACTIONS.approve, of(name))),
    );
    await expect
      .poll(async () => (await roundsOf(record)).flat().sort())
      .toEqual(["first", "acme/orders", "acme/shop", "publish", "acme/orders", "publish", "acme/shop"].sort());
  });

  it("Approve all", async () => {
    const record = await submitJob({ delivery: "review-first" });
    const ts = await cardOf(record, ["awaiting-approval", "awaiting-approval"]);
    await people().requester.click(ts, ACTIONS.approveAll);
    expect((await roundsOf(record)).at(-1)).toEqual(["publish", "acme/orders", "acme/shop"]);
  });

  it("a button of an earlier round decides nothing", async () => {
    const record = await submitJob({ delivery: "review-first" });
    const { jobId, teamId, userId } = record.job;
    const ts = await cardOf(record, ["awaiting-approval", "unchanged"]);
    await world.store.openRun({
      ...aStartedRun({ repository: "acme/orders", state: "awaiting-approval" }),
      round: 2,
      jobId,
      teamId,
      userId,
    });
    await people().requester.click(ts, ACTIONS.approve);
    await told(/about an earlier round/);
    expect(await roundsOf(record)).toHaveLength(1);
  });

  it("Retry failed asks for the failed ones only", async () => {
    const record = await submitJob();
    const ts = await cardOf(record, ["failed", "unchanged"]);
    await people().requester.click(ts, ACTIONS.retry);
    expect((await roundsOf(record)).at(-1)).toEqual(["retry", "acme/orders"]);
    await people().requester.click(ts, ACTIONS.retry);
    await told(/Nothing to retry/);
    expect(await roundsOf(record)).toHaveLength(2);
  });

  it("Raise the cost limit asks for a higher one and goes on", async () => {
    const record = await submitJob();
    const reason = { code: "budget", message: "The cost limit of $5 is reached.", nextStep: "Raise the cost limit." };
    const ts = await cardOf(record, ["patch-ready", "unchanged"], { reason });
    const { requester } = people();
    await requester.click(ts, ACTIONS.raiseCap);
    const modal = await requester.modal();
    await modal.fill({ cap: "4" });
    const sentence = "The cost limit is $5 already; name a higher one.";
    expect(await modal.submit()).toEqual({ errors: { cap: sentence } });
    await modal.fill({ cap: "12" });
    expect(await modal.submit()).toEqual({ closed: true });
    expect((await world.store.readJob(record.job.jobId))!.rounds.at(-1)).toMatchObject({
      kind: "raise-cap",
      capUsd: 12,
      repositories: ["acme/orders"],
    });
  });

  it("Download patch gives one person a fresh link", async () => {
    const record = await submitJob();
    const ts = await cardOf(record, ["patch-ready", "unchanged"]);
    await people().second.click(
      ts,
      `${ACTIONS.downloadPatch}-1`,
      targetValue({ jobId: record.job.jobId, repository: "acme/orders", round: 1 }),
    );
    await told(/X-Amz-Signature=1.*acme-orders-j[0-9a-f]{16}-r1\.patch/, "second");
    expect(people().requester.ephemerals()).toEqual([]);
  });
});
