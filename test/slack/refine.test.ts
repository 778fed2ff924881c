import { describe, expect, it } from "vitest";
import { firstRound } from "../../packages/jobs/round.ts";
import type { RepoRunState } from "../../packages/jobs/states.ts";
import { showJob } from "../../packages/notify/thread.ts";
import { renderCard } from "../../packages/views/card.ts";
import { meaningOf } from "../../slack/interactions/refine.ts";
import { isPleasantry, parseReply } from "../../slack/refine-text.ts";
import { aJob, aPatch, aStartedRun, aVerdict } from "../builders.ts";
import { connect, depsOver, openStore, openWorkspace } from "./world.ts";

const THREE = ["acme/orders", "acme/shop", "other/shop"];

describe("what a reply is about", () => {
  it.each<[string, string[] | undefined, string?]>([
    ["repositories 2 and 3: also update the changelog", ["acme/shop", "other/shop"], "also update the changelog"],
    ["2,3: do it", ["acme/shop", "other/shop"], "do it"],
    ["1-2: do it", ["acme/orders", "acme/shop"], "do it"],
    ["#3 & #1: do it", ["acme/orders", "other/shop"], "do it"],
    ["Please, for acme/orders only: do it", ["acme/orders"], "do it"],
    ["only acme/orders: do it", ["acme/orders"], "do it"],
    ["ORDERS: do it", ["acme/orders"], "do it"],
    ["all: first line\nsecond line", THREE, "first line\nsecond line"],
    ["all repositories: see https://example.com/a:b", THREE, "see https://example.com/a:b"],
    ["`acme/orders`: do it", ["acme/orders"], "do it"],
    ["*acme/orders*: do it", ["acme/orders"], "do it"],
    ["*acme/orders:* do it", ["acme/orders"], "do it"],
    ["“orders” and (1, other/shop): do it", ["acme/orders", "other/shop"], "do it"],
    ["everyone: do it", THREE, "do it"],
    ["Everybody — no, 2: do it", undefined],
    ["all of them: do it", THREE, "do it"],
    ["acme/orders：do it", ["acme/orders"], "do it"],
    ["orders、acme/shop： do it", ["acme/orders", "acme/shop"], "do it"],
    ["https://github.com/acme/orders: see https://x.example", ["acme/orders"], "see https://x.example"],
    ["https://github.com/acme/orders.git, 2: do it", ["acme/orders", "acme/shop"], "do it"],
    ["orders: :tada: do it", ["acme/orders"], ":tada: do it"],
    ["shop: two repositories are called so", undefined],
    ["acme/other: not of this job", undefined],
    ["please: do it", undefined],
    ["looks good to me", undefined],
    ["one thing: the tests fail", undefined],
    ["https://example.com/x", undefined],
    ["all:", undefined],
    ["all:   ", undefined],
  ])("%j", (text, repositories, prompt) => {
    expect(parseReply(text, THREE)).toEqual(repositories && { repositories, prompt });
  });

  it.each(["4: do it", "0: do it", "2-9: do it", "3-2: do it"])(
    "%j names a number that the job does not have",
    (text) => {
      expect(() => parseReply(text, THREE)).toThrow("This job has repositories 1 to 3");
    },
  );
});

describe("what a reply of a person who may decide means", () => {
  const BOT = "U0CODYBOT";
  const ofOne = { repositories: ["acme/orders"] };

  it.each<[string, "nothing" | "unclear" | { repositories: string[]; prompt: string }]>([
    ["also update the changelog", { ...ofOne, prompt: "also update the changelog" }],
    ["`orders`: also update the changelog", { ...ofOne, prompt: "also update the changelog" }],
    ["Note: keep the API as it is", { ...ofOne, prompt: "Note: keep the API as it is" }],
    [`<@${BOT}> use &lt;T&gt; in <http://README.md|README.md>`, { ...ofOne, prompt: "use <T> in README.md" }],
    ["Thanks, looks great! :tada:", "nothing"],
    ["👍", "nothing"],
    ["+1, 10/10!", "nothing"],
    ["all: thank you very much", "nothing"],
    [`<@${BOT}> thanks`, "nothing"],
    ["<@U0SECOND> can you review this?", "nothing"],
    ["it is fine, <@U0SECOND> please merge", "nothing"],
    [`<@${BOT}> tell <@U0SECOND> in the changelog`, { ...ofOne, prompt: "tell @U0SECOND in the changelog" }],
  ])("in a job of one repository, %j", (text, meaning) => {
    expect(meaningOf({ text }, ["acme/orders"], BOT)).toEqual(meaning);
  });

  it.each<[string, string]>([
    ["also update the changelog", "unclear"],
    ["looks good to me", "nothing"],
    ["<@U0SECOND>: all of it", "nothing"],
    [`<@${BOT}> also update the changelog`, "unclear"],
  ])("in a job of three, %j", (text, meaning) => expect(meaningOf({ text }, THREE, BOT)).toEqual(meaning));

  it("with a list from Slack's editor the list is kept", () => {
    const items = ["first", "second"].map((text) => ({
      type: "rich_text_section",
      elements: [{ type: "text", text }],
    }));
    const elements = [
      {
        type: "rich_text_section",
        elements: [
          { type: "text", text: "orders", style: { code: true } },
          { type: "text", text: ":" },
        ],
      },
      { type: "rich_text_list", style: "bullet", indent: 0, elements: items },
    ];
    const message = { text: "`orders`:\n• first\n• second", blocks: [{ type: "rich_text", elements }] };
    expect(meaningOf(message, THREE, BOT)).toEqual({ ...ofOne, prompt: "- first\n- second" });
  });

  it.each(["This works great but the tests fail", "thanks, now do the readme", "make it nice"])(
    "%j asks for something",
    (text) => expect(isPleasantry(text)).toBe(false),
  );
});

/**
 * A job that has ended in one repository and still runs in another, with its card; and events as Slack delivers them.
 */
async function openThread(states: RepoRunState[] = ["patch-ready"]) {
  const stored: string[] = [];
  const { store } = openStore();
  const people = [{ name: "requester" }, { name: "second" }, { name: "guest", guest: true }] as unknown;
  const workspace = await openWorkspace(store, { people: people as { name: "requester" | "second" }[] });
  const deps = depsOver(store);
  deps.artifacts.putOnce = async (key) => {
    stored.push(key);
    return "stored";
  };
  deps.files.read = async ({ name, size }) =>
    name === "log.txt" ? { bytes: Buffer.alloc(size, "x") } : { failed: "elsewhere" };
  const app = await connect(workspace, deps);
  const repositories = THREE.slice(0, states.length);
  const job = aJob({ teamId: "T0LOCAL", userId: "U0REQUESTER", channelId: "C0CODY", repositories });
  const { jobId, teamId, userId } = job;
  await store.insertJob(job);
  await store.insertRound(firstRound(job));
  for (const [i, state] of states.entries())
    await store.openRun({
      ...aStartedRun({ repository: repositories[i]!, state, patch: aPatch(), verdict: aVerdict() }),
      teamId,
      userId,
    });
  await store.markRoundFinished({ jobId, round: 1 });
  await showJob(workspace.thread, jobId);
  const { ts: thread_ts } = (await store.readJob(jobId))!.card!;
  const said = {
    user: userId,
    text: "all: also the changelog",
    ts: "1700000000.000100",
    channel: "C0CODY",
    thread_ts,
    channel_type: "channel",
  };
  return {
    store,
    stored,
    workspace,
    jobId,
    said,
    withFiles: {
      ...said,
      subtype: "file_share",
      files: ["log.txt", "sheet"].map((name) => ({ id: name, name, size: 9, url_private: "https://files.slack.com/" })),
    },
    deliver: (event: object) =>
      app.processEvent({
        body: { type: "event_callback", team_id: teamId, event: { type: "message", ...event } },
        ack: async () => {},
      }),
    refined: async () => (await store.readJob(jobId))!.rounds.slice(1).map(({ kind, source }) => [kind, source]),
    told: () => workspace.slack.people.requester.ephemerals().map(({ text }) => text),
    async [Symbol.asyncDispose]() {
      await app.stop();
      await workspace.slack.stop();
    },
  };
}

it("the same message delivered again, also at the same time, asks for one round", async () => {
  await using thread = await openThread();
  const { deliver, said } = thread;
  await Promise.all([deliver(said), deliver(said), deliver(said)]);
  await deliver(said);
  expect(await thread.refined()).toEqual([["refine", said.ts]]);
  const audit = await thread.store.readAudit({ jobId: thread.jobId }, { limit: 10 });
  expect(audit.filter(({ action, result }) => action === "refine" && result === "done")).toHaveLength(1);
});

it("only a person's own new words start a round, whatever else Slack delivers about a thread", async () => {
  await using thread = await openThread();
  const { deliver, said } = thread;
  const { text: _, user: __, ...place } = said;
  const card = thread.workspace.slack.workspace.message("C0CODY", said.thread_ts!)!;
  const { ts: ___, ...marked } = card;
  const forged = thread.workspace.slack.workspace.post("C0CODY", { ...marked, user: "U0SECOND", bot_id: "B0OTHER" });
  const nothing: Record<string, object> = {
    "an edit": { ...place, subtype: "message_changed", message: said, previous_message: { ...said, text: "thanks" } },
    "a deletion": { ...place, subtype: "message_deleted", deleted_ts: said.ts, previous_message: said },
    "another app": { ...said, bot_id: "B0OTHER", subtype: "bot_message" },
    ourselves: { ...said, user: "U0CODYBOT", bot_id: "B0CODY" },
    "a message outside of threads": { ...said, thread_ts: undefined },
    "the card itself": { ...said, ts: said.thread_ts },
    "a thread in another channel": { ...said, channel: "C0ELSEWHERE" },
    "a thread below a forged card": { ...said, thread_ts: forged.ts },
    "a thread whose message is gone": { ...said, thread_ts: "1600000000.000100" },
    "a guest": { ...said, user: "U0GUEST" },
    "a person who joined": { ...said, subtype: "channel_join" },
  };
  for (const [what, event] of Object.entries(nothing)) {
    await deliver(event).catch(() => {});
    expect(await thread.refined(), what).toEqual([]);
  }
  expect(thread.told()).toEqual([]);

  await deliver({ ...said, subtype: "thread_broadcast", root: card });
  expect(await thread.refined()).toEqual([["refine", said.ts]]);
});

it("a reply while some repositories run starts the others, and waits for those that run", async () => {
  await using thread = await openThread(["patch-ready", "working"]);
  await thread.deliver(thread.withFiles);
  const { rounds } = (await thread.store.readJob(thread.jobId))!;
  expect(rounds.slice(1)).toMatchObject([
    { repositories: ["acme/orders"] },
    { repositories: ["acme/shop"], queued: true, source: thread.said.ts },
  ]);
  expect(rounds[1]?.queued).toBeUndefined();
  expect(thread.told()).toEqual([
    "Round 2 is on its way for acme/orders. Round 3 begins when acme/shop has ended. 1 file goes along. A file was left out. sheet is not kept in Slack itself.",
  ]);

  // Its files go with both rounds, and the card names them.
  const [key] = thread.stored;
  for (const round of rounds.slice(1))
    expect(round).toMatchObject({
      attachments: [{ key, name: "log.txt", kind: "text", bytes: 9 }],
      leftOut: ["sheet is not kept in Slack itself."],
    });
  await thread.deliver(thread.withFiles);
  expect(new Set(thread.stored)).toEqual(new Set([key]));
  expect((await thread.store.readJob(thread.jobId))!.rounds).toHaveLength(3);
  const card = JSON.stringify(renderCard((await thread.store.readJob(thread.jobId))!));
  expect(card).toMatch(/Round 2: refined in 1 repository by .*, 1 file attached: /);
  expect(card).toMatch(/Round 3: refined in 1 repository by .*, begins when that has ended: /);
  expect(card).toContain("A file of the message was left out. sheet is not kept in Slack itself.");
});

it("what can take no follow-up is answered in one sentence, and the reply stays where it was written", async () => {
  await using thread = await openThread(["cancelled"]);
  await thread.deliver(thread.withFiles);
  expect([await thread.refined(), thread.stored]).toEqual([[], []]);
  const sentence = "Nothing to refine: each of these repositories was cancelled or rejected, or is being cancelled.";
  expect(thread.told()).toEqual([sentence]);
});

it("what was delivered again after half of it was asked for asks for the other half", async () => {
  await using thread = await openThread(["patch-ready", "working", "working"]);
  const { jobId, said, store } = thread;
  const half = {
    jobId,
    round: 2,
    kind: "refine" as const,
    repositories: ["acme/orders"],
    prompt: "also the changelog",
  };
  await store.insertRound({ ...half, source: said.ts, requestedBy: said.user, requestedAt: new Date().toISOString() });
  await thread.deliver(said);
  const { rounds } = (await store.readJob(jobId))!;
  expect(rounds.slice(2).map(({ repositories, queued }) => [repositories, queued])).toEqual([
    [["acme/shop"], true],
    [["other/shop"], true],
  ]);
  expect(thread.told()).toEqual([
    "Round 2 is on its way for acme/orders. Round 3 begins when acme/shop has ended. Round 4 begins when other/shop has ended.",
  ]);
});

it("five replies of a colleague, of a guest and of another workspace: nothing is said and nothing is kept", async () => {
  await using thread = await openThread();
  const { deliver, said } = thread;
  for (const user of ["U0SECOND", "U0GUEST"])
    for (let i = 0; i < 5; i++) await deliver({ ...said, user, ts: `1700000001.00010${i}` });
  await deliver({ ...said, user: { id: "U0ELSE", team_id: "T0OTHER" } });
  const { second } = thread.workspace.slack.people;
  const rows = async () => [
    ...(await thread.store.readAudit({ jobId: thread.jobId }, { limit: 20 })),
    ...(await thread.store.readAudit({ teamId: "T0LOCAL" }, { limit: 20 })),
  ];
  expect([...thread.told(), ...second.ephemerals()]).toEqual([]);
  expect(await rows()).toEqual([]);
  expect(await thread.refined()).toEqual([]);

  await deliver({ ...said, ...thread.withFiles, user: "U0SECOND", text: `<@U0CODYBOT> ${said.text}` });
  expect(second.ephemerals().map(({ text }) => text)).toEqual([expect.stringMatching(/^Only the person who asked/)]);
  expect((await rows()).map(({ action, result }) => [action, result])).toEqual([["refine", "refused"]]);
  expect(thread.stored).toEqual([]);
});

it("a reply that is about no repository is answered once, and thanks never are", async () => {
  await using thread = await openThread(["patch-ready", "patch-ready"]);
  const { requester } = thread.workspace.slack.people;
  const threadTs = thread.said.thread_ts!;
  for (const text of ["Thanks!", "also the changelog", "and the readme", "Thanks again"])
    requester.say(text, { threadTs });
  // Each asks whose thread it is, and the two unclear ones what was said before.
  await expect.poll(() => thread.workspace.callsOf("conversations.replies")).toBe(6);
  await expect.poll(thread.told).toEqual([expect.stringMatching(/^Start a follow-up with what it is about/)]);
});
