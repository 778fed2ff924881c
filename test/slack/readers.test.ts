import { beforeEach, describe, expect, it } from "vitest";
import type { Job } from "../../packages/jobs/job.ts";
import { createSlackClient } from "../../packages/notify/client.ts";
import { createReadRights } from "../../packages/notify/job-readers.ts";
import { ACTIONS, placeValue, targetValue } from "../../packages/views/actions.ts";
import { lookActionId, lookValue, PLACES, type Place } from "../../packages/views/history/places.ts";
import { aPatch } from "../builders.ts";
import { historyWorld, homeAfter, modalSaying, wordsOf } from "./history-world.ts";

const world = historyWorld();
/** `second` is in #cody, and in no channel with this id. */
const ELSEWHERE = "C0BOARD";
const SECRET = "Move the payroll to the new bank";
const NOT_THEIRS = /This job may be read by /;
let hidden: Job;
let nowMs: number;

const client = () => createSlackClient("xoxb-local", { slackApiUrl: world.workspace.slack.apiUrl });
function mayRead(readers: "everybody" | "channel" | "requester") {
  const deps = { readers, admins: world.deps.settings.admins, slack: client(), now: () => nowMs };
  world.deps.readRights = createReadRights(deps);
}
const conversationsAsked = () => world.workspace.callsOf("users.conversations");

beforeEach(async () => {
  nowMs = 0;
  world.deps.settings.admins = [];
  const run = { patch: aPatch() };
  hidden = await world.job({ prompt: SECRET, channelId: ELSEWHERE }, ["awaiting-approval", "unchanged"], run);
  mayRead("channel");
});

const RUN = { repository: "acme/orders", round: 1 };
const look = (place: Place) => [lookActionId("x"), lookValue(place)] as const;
type Way = readonly [actionId: string, value: string];
/** Every button of a card, and every button that leads on from one. */
const WAYS: Record<string, (jobId: string) => Way> = {
  Approve: (jobId) => [ACTIONS.approve, targetValue({ jobId, ...RUN })],
  "Approve all": (jobId) => [ACTIONS.approveAll, targetValue({ jobId })],
  Reject: (jobId) => [ACTIONS.reject, targetValue({ jobId, ...RUN })],
  Cancel: (jobId) => [ACTIONS.cancel, targetValue({ jobId })],
  Retry: (jobId) => [ACTIONS.retry, targetValue({ jobId })],
  "Go on all the same": (jobId) => [ACTIONS.despiteSetup, targetValue({ jobId })],
  "Close the pull request": (jobId) => [ACTIONS.closePullRequest, targetValue({ jobId, ...RUN })],
  Review: (jobId) => [ACTIONS.review, targetValue({ jobId, ...RUN })],
  "Review all": (jobId) => [ACTIONS.reviewAll, targetValue({ jobId })],
  "Download patch": (jobId) => [ACTIONS.downloadPatch, targetValue({ jobId, ...RUN })],
  "Download patches": (jobId) => [ACTIONS.downloadPatches, targetValue({ jobId })],
  "Conversation as JSON": (jobId) => [ACTIONS.downloadConversation, targetValue({ jobId, ...RUN })],
  "Conversation as a page": (jobId) => [ACTIONS.openTranscript, targetValue({ jobId, ...RUN })],
  "Details of the job": (jobId) => look({ kind: "job", jobId }),
  "Details of a repository": (jobId) => look({ kind: "run", jobId, repository: "acme/orders" }),
  "The conversation": (jobId) =>
    look({ kind: "conversation", jobId, repository: "acme/orders", round: 1, style: "simple", turn: 1 }),
};
const inModal = (actionId: string) =>
  actionId.startsWith(PLACES.look) || actionId === ACTIONS.review || actionId === ACTIONS.reviewAll;

/** A message of ours with one button: a card that was copied, or a value that a client made up. */
async function click(person: typeof world.second, [action_id, value]: Way) {
  const text = { type: "plain_text" as const, text: "x" };
  const elements = [{ type: "button" as const, action_id, value, text }];
  const { ts } = await client().chat.postMessage({
    channel: "C0CODY",
    text: "x",
    blocks: [{ type: "actions", elements }],
  });
  await person.click(ts!, action_id, value);
}
const told = (person: typeof world.second) =>
  person
    .ephemerals()
    .map(({ text }) => text)
    .join("\n");

describe("a job that the members of its channel may read", () => {
  it.each(Object.entries(WAYS))("is shown to no other person, and decided by none: %s", async (_, way) => {
    const [actionId, value] = way(hidden.jobId);
    await click(world.second, [actionId, value]);
    if (inModal(actionId)) expect(wordsOf((await modalSaying(world.second, NOT_THEIRS)).view)).not.toContain(SECRET);
    else {
      await expect.poll(() => told(world.second)).toMatch(NOT_THEIRS);
      expect(told(world.second)).toContain("ask <@U0REQUESTER>");
      expect(told(world.second)).not.toContain(hidden.jobId);
    }
    const { runs, rounds, job } = (await world.store.readJob(hidden.jobId))!;
    expect([runs.find(({ repository }) => repository === "acme/orders")!.state, rounds.length, job.cancel]).toEqual([
      "awaiting-approval",
      1,
      {},
    ]);
    expect(world.memory.reads).toEqual([]);
  });

  it.each(["status", "cancel"])("nor by /cody %s", async (command) => {
    await world.second.command(`/cody ${command} ${hidden.jobId}`);
    await expect.poll(() => told(world.second)).toMatch(NOT_THEIRS);
    expect(told(world.second)).not.toContain(SECRET);
  });

  it("nor by the menu of a card", async () => {
    const option = { text: { type: "plain_text" as const, text: "x" }, value: placeValue(hidden.jobId, 0) };
    const elements = [{ type: "overflow" as const, action_id: ACTIONS.cancelOne, options: [option] }];
    const message = { channel: "C0CODY", text: "x", blocks: [{ type: "actions" as const, elements }] };
    const { ts } = await client().chat.postMessage(message);
    await world.second.click(ts!, ACTIONS.cancelOne, option.value);
    await expect.poll(() => told(world.second)).toMatch(NOT_THEIRS);
  });

  it("stands on no dashboard of theirs: not in what runs, the list, the figures, nor a repository's history", async () => {
    const seen = await world.job({ prompt: "Sort the imports", channelId: "C0CODY" }, ["unchanged"]);
    const theirs = await homeAfter(world.second, () => world.second.openHome());
    expect(theirs).toContain("Sort the imports");
    expect(theirs).not.toContain(SECRET);
    expect(theirs).toContain("Nothing runs and nothing waits");
    expect(await homeAfter(world.requester, () => world.requester.openHome())).toContain(SECRET);
    await click(world.second, look({ kind: "repository", repository: "acme/orders" }));
    const history = wordsOf((await modalSaying(world.second, /Sort the imports/)).view);
    expect(history).not.toContain(SECRET);
    expect(seen.jobId).not.toBe(hidden.jobId);
  });

  it("is open to its requester and to admins wherever they are, and to members; who joins is let in at once", async () => {
    await click(world.requester, WAYS["Details of the job"]!(hidden.jobId));
    await modalSaying(world.requester, new RegExp(SECRET));
    expect(conversationsAsked()).toBe(0);
    const inCody = await world.job({ prompt: "In the open", channelId: "C0CODY" }, ["unchanged"]);
    await click(world.second, WAYS["Details of the job"]!(inCody.jobId));
    await (await modalSaying(world.second, /In the open/)).close();
    expect(conversationsAsked()).toBe(1);
    await click(world.second, WAYS["Details of the job"]!(inCody.jobId));
    await (await modalSaying(world.second, /In the open/)).close();
    expect(conversationsAsked()).toBe(1);
    nowMs = 4_000;
    await click(world.second, WAYS["Details of the job"]!(hidden.jobId));
    await (await modalSaying(world.second, NOT_THEIRS)).close();
    expect(conversationsAsked()).toBe(2);
    world.deps.settings.admins = [world.second.id];
    mayRead("channel");
    await click(world.second, WAYS["Details of the job"]!(hidden.jobId));
    await modalSaying(world.second, new RegExp(SECRET));
  });
});

describe("a job that its requester and admins may read", () => {
  it("is shown to no member of its channel, and its card comes to the requester; the form says so", async () => {
    mayRead("requester");
    const inCody = await world.job({ prompt: SECRET, channelId: "C0CODY" }, ["unchanged"]);
    await click(world.second, WAYS["Details of the job"]!(inCody.jobId));
    expect(wordsOf((await modalSaying(world.second, NOT_THEIRS)).view)).not.toContain(SECRET);
    expect(conversationsAsked()).toBe(0);
    await world.requester.command("/cody Look around");
    const form = await world.requester.modal();
    expect(wordsOf(form.view)).toContain("The card comes to you directly");
    await form.fill({ repositories: ["acme/orders"] });
    expect(await form.submit()).toEqual({ closed: true });
    const [job] = (
      await world.store.jobsOfUser({ teamId: "T0LOCAL", userId: "U0REQUESTER" }, { limit: 50 })
    ).items.filter(({ prompt }) => prompt === "Look around");
    expect(job).toMatchObject({ channelId: "U0REQUESTER" });
  });
});

describe("a deployment that is strict", () => {
  const named = (userId: string) => {
    world.deps.settings.strict = true;
    world.deps.repositories.loginOf = (who) => (who.userId === userId ? "octocat" : undefined);
  };
  const NOT_NAMED = /only people whom the admins of Cody have named start jobs.*: ask <@U0ADMIN>\./;

  it("lets named people start, and tells others who can name them; what they wrote comes back", async () => {
    named(world.requester.id);
    world.deps.settings.admins = ["U0ADMIN"];
    await world.second.command("/cody Raise it");
    await expect.poll(() => told(world.second)).toMatch(NOT_NAMED);
    expect(told(world.second)).toMatch(/>>> Raise it/);
    expect(world.second.hasModal()).toBe(false);
    await world.requester.command("/cody Raise it");
    const form = await world.requester.modal();
    await form.fill({ repositories: ["acme/orders"] });
    // The form may be older than the list.
    named("U0OTHER");
    expect(await form.submit()).toEqual({
      errors: { prompt: expect.stringMatching(/^Here only people whom .* not yet\.$/) },
    });
    named(world.requester.id);
    expect(await form.submit()).toEqual({ closed: true });
  });

  it("lets only named people and admins start a further round; to stop needs no name", async () => {
    mayRead("everybody");
    named("U0OTHER");
    await click(world.requester, WAYS["Approve all"]!(hidden.jobId));
    await expect.poll(() => told(world.requester)).toMatch(/only people whom the admins/);
    expect((await world.store.readJob(hidden.jobId))!.rounds).toHaveLength(1);
    await click(world.requester, WAYS.Reject!(hidden.jobId));
    await expect
      .poll(async () => (await world.store.readJob(hidden.jobId))!.runs.map(({ state }) => state).sort())
      .toEqual(["cancelled", "unchanged"]);
    const other = await world.job({ channelId: "C0CODY" }, ["awaiting-approval"], { patch: aPatch() });
    world.deps.settings.admins = [world.requester.id];
    await click(world.requester, WAYS["Approve all"]!(other.jobId));
    await expect.poll(async () => (await world.store.readJob(other.jobId))!.rounds.length).toBe(2);
  });

  it("asks GitHub about the rights of who is named; one that is not strict takes nothing away by a name", async () => {
    const { repositories } = world.deps;
    repositories.lacksRights = async (name) => `You may not write to ${name}.`;
    const submit = async () => {
      await world.requester.command("/cody Raise it");
      const form = await world.requester.modal();
      await form.fill({ repositories: ["acme/orders"] });
      const submitted = await form.submit();
      if ("errors" in submitted) await form.close();
      return submitted;
    };
    repositories.loginOf = () => "octocat";
    expect(await submit()).toEqual({ closed: true });
    named(world.requester.id);
    expect(await submit()).toEqual({ errors: { repositories: "You may not write to acme/orders." } });
  });
});
