import { WebAPIPlatformError } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReplyKey } from "../../packages/jobs/job-record.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import type { RepoRunState } from "../../packages/jobs/states.ts";
import { createSlackClient } from "../../packages/notify/client.ts";
import { createRateLimiter } from "../../packages/notify/rate-limiter.ts";
import { createShow, showJob } from "../../packages/notify/thread.ts";
import type { ThreadDeps } from "../../packages/notify/thread-deps.ts";
import { aJob, aPatch, aPullRequest, aRun, aVerdict } from "../builders.ts";
import { jumpingClock } from "../local/jumping-clock.ts";
import { openStore, openWorkspace, slotsOf, type Workspace } from "../slack/world.ts";

const { store } = openStore();
let workspace: Workspace;
let deps: ThreadDeps;
let jobs = 0;
let skipped = 0;

beforeEach(async () => {
  workspace = await openWorkspace(store);
  skipped = 0;
  const began = Date.now();
  deps = {
    ...workspace.thread,
    // Waiting takes no time here: the clock stands, and jumps.
    now: () => new Date(began + skipped),
    sleep: async (ms) => {
      skipped += ms;
    },
    rateLimiter: createRateLimiter({
      slots: slotsOf(store),
      now: () => began + skipped,
      sleep: async (ms) => {
        skipped += ms;
      },
    }),
  };
});
afterEach(() => workspace.slack.stop());

const RUN = "acme/orders";
const messages = (channel = "C0CODY") => workspace.slack.workspace.messages(channel);
const said = (channel?: string) => messages(channel).map(({ blocks, text }) => JSON.stringify(blocks ?? text));

/** A job with one repository, as the rows stand right after its submit. */
async function newJob(changes = {}) {
  jobs += 1;
  const job = aJob({
    jobId: `j${String(jobs).padStart(16, "0")}`,
    channelId: "C0CODY",
    userId: "U0REQUESTER",
    repositories: [RUN],
    ...changes,
  });
  await store.insertJob(job);
  await store.insertRound(firstRound(job));
  return job;
}

/** Moves the one repository as the pipeline would. */
async function run(jobId: string, state: RepoRunState, changes: Partial<RepoRun> = {}) {
  await store.openRun({ ...aRun({ repository: RUN }), jobId });
  const { round } = (await store.readRun({ jobId, repository: RUN }))!;
  const anywhere = ["queued", "cloning", "working", "verifying", "awaiting-approval", "publishing"] as const;
  await store.moveRun({ jobId, repository: RUN, round }, anywhere, { state, ...changes });
}

const REFUSED = { reason: { code: "empty" as const, message: "It is empty.", nextStep: "Push a commit." } };
const ended = { verdict: aVerdict(), patch: aPatch(), pullRequest: aPullRequest(RUN, 12), turns: 7 };

describe("one card a job", () => {
  it("shows at once what a person has pressed, whenever it last showed something", async () => {
    const { jobId } = await newJob();
    await showJob(deps, jobId);
    await run(jobId, "working");
    await store.requestCancel(jobId, "*", { by: "U0REQUESTER", round: 1 });
    const before = skipped;
    await showJob(deps, jobId, { isAsked: true });
    expect(said().at(-1)).toContain("Stopping · acme/orders");
    expect(skipped).toBe(before);
  });

  it("is posted once, updated when rows change, and left alone when they do not", async () => {
    const { jobId } = await newJob();
    await showJob(deps, jobId);
    expect(said()).toEqual([expect.stringContaining("Queued · acme/orders")]);

    await run(jobId, "working", { activity: "reading pom.xml" });
    await showJob(deps, jobId);
    await showJob(deps, jobId);
    expect(said()).toEqual([expect.stringContaining("Reading pom.xml · acme/orders")]);
    expect([workspace.callsOf("chat.postMessage"), workspace.callsOf("chat.update")]).toEqual([1, 1]);
    expect(workspace.refused).toEqual([]);
  });

  it("waits 3 s between updates and then shows the last state, not the ones between", async () => {
    const { jobId } = await newJob();
    await showJob(deps, jobId);
    await run(jobId, "working", { activity: "reading one" });
    const late = {
      ...deps,
      sleep: async (ms: number) => {
        await run(jobId, "working", { activity: "reading two" });
        await deps.sleep(ms);
      },
    };
    await showJob(late, jobId);
    expect(skipped).toBeGreaterThan(1_500);
    expect(said()).toEqual([expect.stringContaining("Reading two")]);
    expect(workspace.callsOf("chat.update")).toBe(1);
  });

  it("is posted after a crash between the claim and the post, but not while that post may be under way", async () => {
    const { jobId } = await newJob();
    const chat = { ...deps.slack.chat, postMessage: async () => Promise.reject(new Error("killed")) };
    await expect(showJob({ ...deps, slack: { ...deps.slack, chat } }, jobId)).rejects.toThrow("killed");
    await showJob(deps, jobId);
    expect(messages()).toHaveLength(1);
    expect(skipped).toBeGreaterThan(10_000);
  });

  it.each<[string, string, (blocks: { type: string }[]) => boolean, RegExp]>([
    [
      "a list where Slack refuses the plan block",
      "invalid_blocks",
      (all) => all.some(({ type }) => type === "plan"),
      /rich_text_list/,
    ],
    [
      "its words where Slack refuses every block",
      "msg_blocks_too_long",
      (all) => all.length > 0,
      /queued.*cody status/,
    ],
  ])("shows %s", async (_, error, refuses, shown) => {
    const { jobId } = await newJob();
    const { postMessage } = deps.slack.chat;
    const chat = {
      ...deps.slack.chat,
      postMessage: (async (message: { blocks: { type: string }[] }) => {
        if (refuses(message.blocks)) throw new WebAPIPlatformError({ ok: false, error });
        return postMessage(message as never);
      }) as typeof postMessage,
    };
    await showJob({ ...deps, slack: { ...deps.slack, chat } }, jobId);
    expect(said()[0]).toMatch(shown);
  });
});

describe("where the card lives", () => {
  it("joins a public channel first: only members can find their messages again", async () => {
    const { jobId } = await newJob({ channelId: "C0ELSEWHERE" });
    await showJob(deps, jobId);
    expect(messages("C0ELSEWHERE")).toHaveLength(1);
  });

  it("goes to the requester when the channel is closed to us or unknown", async () => {
    await workspace.slack.stop();
    workspace = await openWorkspace(store, { channels: [{ name: "secret", private: true, withoutApp: true }] });
    deps = { ...workspace.thread };
    for (const channelId of ["C0SECRET", "D0SOMEBODY"]) {
      const { jobId } = await newJob({ channelId });
      await showJob(deps, jobId);
    }
    expect(messages("C0SECRET")).toEqual([]);
    expect(messages("D0REQUESTER")).toHaveLength(2);
  });
});

describe("a requester who asked for it is told directly", () => {
  const asked = { options: { ...aJob().options, tellDirectly: true } };
  const told = () => messages("D0REQUESTER");

  it("once a round, with a link to the card, besides the reply in the thread", async () => {
    const { jobId } = await newJob(asked);
    await run(jobId, "working");
    await showJob(deps, jobId);
    expect(told()).toEqual([]);
    await run(jobId, "published", ended);
    await Promise.all(Array.from({ length: 5 }, () => showJob({ ...workspace.thread }, jobId)));
    expect(messages()).toHaveLength(2);
    expect(told().map(({ text }) => text)).toEqual([expect.stringMatching(/: 1 pull request\.$/)]);
    expect(JSON.stringify(told()[0]!.blocks)).toMatch(/\/archives\/C0CODY\/p\d+\|Open its card>/);
    expect(workspace.refused).toEqual([]);
  });

  it("not again after a crash between the message and the row, and after one between claim and message", async () => {
    const { jobId } = await newJob(asked);
    await run(jobId, "failed", REFUSED);
    const keepReply = (id: string, key: ReplyKey, ts: string) =>
      typeof key === "number" ? store.keepReply(id, key, ts) : Promise.reject(new Error("killed"));
    await expect(showJob({ ...deps, store: { ...store, keepReply } }, jobId)).rejects.toThrow("killed");
    expect(told()).toHaveLength(1);
    await showJob(deps, jobId);
    await showJob(deps, jobId);
    expect([told().length, messages().length]).toEqual([1, 2]);

    const second = await newJob(asked);
    await run(second.jobId, "failed", REFUSED);
    const postMessage = async (message: { channel: string }) =>
      message.channel === "U0REQUESTER"
        ? Promise.reject(new Error("killed"))
        : deps.slack.chat.postMessage(message as never);
    const dying = { ...deps.slack.chat, postMessage: postMessage as typeof deps.slack.chat.postMessage };
    const chat = {
      ...dying,
      delete: deps.slack.chat.delete,
      getPermalink: deps.slack.chat.getPermalink,
      update: deps.slack.chat.update,
    };
    await expect(showJob({ ...deps, slack: { ...deps.slack, chat } }, second.jobId)).rejects.toThrow("killed");
    expect(told()).toHaveLength(1);
    await showJob(deps, second.jobId);
    expect(told()).toHaveLength(2);
  });

  it("not where the card comes to them anyway, and not where it was not asked for", async () => {
    const own = await newJob({ ...asked, channelId: "U0REQUESTER" });
    await run(own.jobId, "failed", REFUSED);
    await showJob(deps, own.jobId);
    expect(told()).toHaveLength(2);
    const closed = await newJob({ ...asked, channelId: "C0GONE" });
    await run(closed.jobId, "failed", REFUSED);
    await showJob(deps, closed.jobId);
    expect(told()).toHaveLength(4);
    const { jobId } = await newJob();
    await run(jobId, "failed", REFUSED);
    await showJob(deps, jobId);
    expect(told()).toHaveLength(4);
  });
});

describe("the closing reply", () => {
  it("mentions the requester once, when every repository of the round is at rest", async () => {
    const { jobId } = await newJob();
    await run(jobId, "working");
    await showJob(deps, jobId);
    expect(messages()).toHaveLength(1);
    await run(jobId, "publishing");
    await run(jobId, "published", ended);
    await showJob(deps, jobId);
    await showJob(deps, jobId);
    const [card, reply, ...more] = messages();
    expect(more).toEqual([]);
    expect(reply).toMatchObject({ thread_ts: card!.ts, text: "<@U0REQUESTER> 1 pull request." });
    expect(reply!.blocks).toMatchSnapshot([{ block_id: expect.any(String) }, { block_id: expect.any(String) }]);
  });

  it("is posted once a round, and not again by what happens in later rounds", async () => {
    const OTHER = "acme/shop";
    const { jobId } = await newJob({ repositories: [RUN, OTHER] });
    const end = async (repository: string, round: number) => {
      await store.openRun({ ...aRun({ repository }), jobId, round });
      await store.moveRun({ jobId, repository, round }, ["queued"], { state: "failed", ...REFUSED });
    };
    await showJob(deps, jobId);
    await end(RUN, 1);
    await end(OTHER, 1);
    await showJob(deps, jobId);
    const asked = { requestedBy: "U0REQUESTER", requestedAt: new Date().toISOString() };
    await store.insertRound({ jobId, round: 2, kind: "retry", repositories: [RUN], ...asked });
    await showJob(deps, jobId);
    await end(RUN, 2);
    await showJob(deps, jobId);
    expect(messages().map(({ text }) => text.split("\n")[0])).toEqual([
      expect.stringContaining("2 failed"),
      "<@U0REQUESTER> 2 failed.",
      "<@U0REQUESTER> 1 failed.",
    ]);
  });

  it("is not repeated after a crash between its post and the row", async () => {
    const { jobId } = await newJob();
    await run(jobId, "failed", REFUSED);
    const keepReply = async () => Promise.reject(new Error("killed"));
    await expect(showJob({ ...deps, store: { ...store, keepReply } }, jobId)).rejects.toThrow("killed");
    expect(messages()).toHaveLength(2);
    await showJob(deps, jobId);
    await showJob(deps, jobId);
    expect(messages()).toHaveLength(2);
  });

  it("is posted after a crash between its claim and its post, but not while that post may be under way", async () => {
    const { jobId } = await newJob();
    await run(jobId, "failed", REFUSED);
    const postMessage = async (message: { thread_ts?: string }) =>
      message.thread_ts ? Promise.reject(new Error("killed")) : deps.slack.chat.postMessage(message as never);
    const dying = { ...deps.slack.chat, postMessage: postMessage as typeof deps.slack.chat.postMessage };
    await expect(showJob({ ...deps, slack: { ...deps.slack, chat: dying } }, jobId)).rejects.toThrow("killed");
    expect(messages()).toHaveLength(1);
    await showJob(deps, jobId);
    expect(messages()).toHaveLength(2);
    expect(skipped).toBeGreaterThan(10_000);
  });

  it("is posted once by five deliveries of the last change at the same time", async () => {
    const { jobId } = await newJob();
    await showJob(deps, jobId);
    await run(jobId, "failed", REFUSED);
    await Promise.all(Array.from({ length: 5 }, () => showJob({ ...workspace.thread }, jobId)));
    expect(messages()).toHaveLength(2);
  });

  it("comes once for every round", async () => {
    const { jobId } = await newJob();
    await run(jobId, "failed", REFUSED);
    await showJob(deps, jobId);
    await store.insertRound({
      jobId,
      round: 2,
      kind: "retry",
      repositories: [RUN],
      requestedBy: "U0REQUESTER",
      requestedAt: new Date().toISOString(),
    });
    await store.openRun({ ...aRun({ repository: RUN }), jobId, round: 2 });
    await showJob(deps, jobId);
    expect(messages()).toHaveLength(2);
    await run(jobId, "unchanged", { verdict: aVerdict({ wereChangesNecessary: false }) });
    await showJob(deps, jobId);
    expect(messages().map(({ text }) => text.split("\n")[0])).toEqual([
      expect.stringContaining("1 of 1 done"),
      "<@U0REQUESTER> 1 failed.",
      "<@U0REQUESTER> 1 unchanged.",
    ]);
  });
});

describe("a round that ends when its card can no longer be reached", () => {
  const closings = (channel: string) =>
    messages(channel).filter(({ metadata }) => metadata?.event_type === "cody_closing");

  it.each(["the channel was archived", "the card was deleted"])(
    "is told to the requester directly, once: %s",
    async (what) => {
      const { jobId } = await newJob({ options: { ...aJob().options, tellDirectly: true } });
      await showJob(deps, jobId);
      const { workspace: place } = workspace.slack;
      if (what === "the card was deleted") place.remove("C0CODY", messages()[0]!);
      else place.archive(place.channel("C0CODY")!);
      await run(jobId, "failed", REFUSED);
      const keepReply = (id: string, key: ReplyKey, ts: string) =>
        ts.startsWith("claimed") ? store.keepReply(id, key, ts) : Promise.reject(new Error("killed"));
      await expect(showJob({ ...deps, store: { ...store, keepReply } }, jobId)).rejects.toThrow("killed");
      await showJob(deps, jobId);
      await showJob(deps, jobId);
      expect(closings("C0CODY")).toEqual([]);
      expect(closings("D0REQUESTER").map(({ text }) => text)).toEqual(["<@U0REQUESTER> 1 failed."]);
      expect(messages("D0REQUESTER")).toHaveLength(1);
      const shown = JSON.stringify(closings("D0REQUESTER")[0]!.blocks);
      expect(shown).toContain(jobId);
      expect(shown).not.toContain("reply here");
    },
  );

  it("is not tried for ever when the requester has left too", async () => {
    const { jobId } = await newJob();
    await showJob(deps, jobId);
    await run(jobId, "failed", REFUSED);
    const postMessage = async () => Promise.reject(new WebAPIPlatformError({ ok: false, error: "is_archived" }));
    const closed = { ...deps.slack, chat: { ...deps.slack.chat, postMessage } };
    await showJob({ ...deps, slack: closed }, jobId);
    await showJob(deps, jobId);
    expect(messages()).toHaveLength(1);
    expect(workspace.logged).toEqual([`${jobId}: the requester could not be told how round 1 ended: is_archived`]);
  });
});

describe("an ending", () => {
  it("that comes while progress waits for its time is shown at once", async () => {
    const { jobId } = await newJob();
    await showJob(deps, jobId);
    await run(jobId, "working", { activity: "reading one" });
    const sleep = async (ms: number) => {
      await run(jobId, "failed", REFUSED);
      await deps.sleep(ms);
    };
    await showJob({ ...deps, sleep }, jobId);
    expect(skipped).toBeLessThanOrEqual(500);
    expect(said()[0]).toContain("It is empty.");
  });
});

describe("what a person presses", () => {
  it("while progress waits for its time is shown at once", async () => {
    const { jobId } = await newJob();
    await showJob(deps, jobId);
    await run(jobId, "working", { activity: "reading one" });
    const sleep = async (ms: number) => {
      await store.requestCancel(jobId, "*", { by: "U0REQUESTER", round: 1 });
      await deps.sleep(ms);
    };
    await showJob({ ...deps, sleep }, jobId);
    expect(skipped).toBeLessThanOrEqual(500);
    expect(said()[0]).toContain("Stopping · acme/orders");
  });
});

describe("progress that was left out", () => {
  it("is shown with the next job that moves, once there is a slot, although its own rows stay as they are", async () => {
    const [quiet, other] = [await newJob(), await newJob()];
    const { show, showOwed } = createShow(deps);
    await show(quiet.jobId);
    skipped += 4_000;
    await run(quiet.jobId, "working", { activity: "reading pom.xml" });
    while (await deps.rateLimiter.mayShowProgress());
    await show(quiet.jobId);
    expect(said()[0]).toContain("queued");

    await show(other.jobId);
    await showOwed();
    expect(said()[0], "there is no slot yet").toContain("queued");
    skipped += 60_000;
    await run(other.jobId, "failed", { reason: { code: "empty", message: "It is empty.", nextStep: "Push." } });
    await show(other.jobId);
    await showOwed();
    expect(said()[0]).toContain("Reading pom.xml");
    const calls = workspace.slack.calls.length;
    await showOwed();
    expect(workspace.slack.calls).toHaveLength(calls);
  });
});

describe("while Claude makes a job wait", () => {
  it("the card says so and until when, also when many jobs run and progress has no slot", async () => {
    const { jobId } = await newJob();
    await showJob(deps, jobId);
    for (let i = 0; i < 40; i++)
      deps.rateLimiter.msUntilProgress({
        jobId: `${i}`,
        createdAt: deps.now().toISOString(),
        shownAt: deps.now().toISOString(),
      });
    while (await deps.rateLimiter.mayShowProgress());
    skipped += 4_000;
    await run(jobId, "working", { activity: "waiting for Claude", waitsUntil: "2026-11-25T12:04:00.000Z" });
    await showJob(deps, jobId);
    expect(said()[0]).toContain("Waiting for Claude, next try 12:04 UTC");
    expect(said()[0]).toContain("<!date^1795608240^at {time}|at 12:04 UTC>");
  });
});

/** Two processes that know nothing of each other but the table, as two instances of the function on AWS. */
function twoProcesses(slackApiUrl: string, clock: ReturnType<typeof jumpingClock>) {
  const slots = clock.watched(slotsOf(store));
  return [1, 2].map(
    (): ThreadDeps => ({
      ...workspace.thread,
      store: clock.watched(workspace.thread.store),
      slack: clock.watched(createSlackClient("xoxb-local", { slackApiUrl })),
      now: clock.now,
      sleep: clock.sleep,
      rateLimiter: createRateLimiter({ slots, now: clock.nowMs, sleep: clock.sleep }),
    }),
  );
}

describe("a Slack that fails once", () => {
  const KINDS = ["before it did anything", "after it did it, the answer being lost"] as const;
  const METHODS = ["postMessage of the card", "postMessage of the reply", "update"] as const;

  it.each(METHODS.flatMap((method) => KINDS.map((when) => [method, when] as const)))(
    "at %s, %s: delivered again, there is one card, one reply and the last state",
    async (method, when) => {
      let failures = 1;
      const failingOnce = <Message extends object, Answer>(
        call: (message: Message) => Promise<Answer>,
        isDue: boolean,
      ) =>
        (async (message: Message) => {
          const isMeant = isDue && ("thread_ts" in message ? method.endsWith("reply") : !method.endsWith("reply"));
          if (!isMeant || failures === 0) return call(message);
          failures -= 1;
          if (when !== KINDS[0]) await call(message);
          throw new Error("HTTP 503");
        }) as never;
      const { chat } = deps.slack;
      const slack = {
        ...deps.slack,
        chat: {
          ...chat,
          postMessage: failingOnce(chat.postMessage, method !== "update"),
          update: failingOnce(chat.update, method === "update"),
        },
      };
      const { jobId } = await newJob();
      const deliver = async () => {
        for (let tries = 0; tries < 3; tries++)
          if (
            await showJob({ ...deps, slack }, jobId).then(
              () => true,
              () => false,
            )
          )
            return;
      };
      await deliver();
      await run(jobId, "failed", REFUSED);
      await deliver();
      expect(failures).toBe(0);
      expect(messages().map(({ metadata }) => metadata?.event_type)).toEqual(["cody_card", "cody_closing"]);
      expect(said()[0]).toContain("It is empty.");
    },
  );
});

describe("a Slack that says slow down", () => {
  /** A fifth of what Slack allows, as when other apps or people use up the rest. */
  const NARROW = { postsPerSecond: 0.2, postBurst: 1, callsPerMinute: { "chat.update": 10 }, otherCallsPerMinute: 50 };
  const ROWS = { reason: { code: "empty", message: "It is empty.", nextStep: "Push a commit." } };

  it("is asked again when it said so: no ending and no reply is lost or doubled, with two processes at work", {
    timeout: 180_000,
  }, async () => {
    using clock = jumpingClock(Date.now(), 10);
    await workspace.slack.stop();
    workspace = await openWorkspace(store, { limits: NARROW, nowMs: clock.nowMs });
    const processes = twoProcesses(workspace.slack.apiUrl, clock);
    const made = await Promise.all(Array.from({ length: 12 }, () => newJob()));
    const shown = () => Promise.all(made.map(({ jobId }, i) => showJob(processes[i % 2]!, jobId)));
    await shown();
    clock.pass(4_000);
    for (const { jobId } of made) await run(jobId, "working", { activity: "reading pom.xml" });
    await shown();
    for (const { jobId } of made) await run(jobId, "failed", ROWS);
    await shown();

    const cards = messages().filter(({ metadata }) => metadata?.event_type === "cody_card");
    expect(cards).toHaveLength(12);
    for (const card of cards) {
      expect(JSON.stringify(card.blocks)).toContain("It is empty.");
      const replies = messages().filter(({ thread_ts, ts }) => thread_ts === card.ts && ts !== card.ts);
      expect(replies.map(({ text }) => text)).toEqual(["<@U0REQUESTER> 1 failed."]);
    }
    const refused = (method: string) =>
      workspace.slack.calls.filter((call) => call.method === method && call.error === "ratelimited").length;
    expect([refused("chat.update") > 0, refused("chat.postMessage") > 0]).toEqual([true, true]);
  });
});
