import { describe, expect, it } from "vitest";
import { firstRound } from "../../packages/jobs/round.ts";
import { showJob } from "../../packages/notify/thread.ts";
import { parseReply } from "../../slack/refine-text.ts";
import { jobRow, PATCH, runRow, VERDICT } from "./card-rows.ts";
import { connect, depsOver, openStore, openWorkspace } from "./slack-world.ts";

const THREE = ["acme/orders", "acme/shop", "other/shop"];

describe("what a reply is about", () => {
  it.each<[string, string[] | undefined, string?]>([
    ["repositories 2 and 3: also update the changelog", ["acme/shop", "other/shop"], "also update the changelog"],
    ["2,3: do it", ["acme/shop", "other/shop"], "do it"],
    ["1-2: do it", ["acme/orders", "acme/shop"], "do it"],
    ["#3 & #1: do it", ["acme/orders", "other/shop"], "do it"],
    ["Please, for acme/orders only: do it", ["acme/orders"], "do it"],
    ["ORDERS: do it", ["acme/orders"], "do it"],
    ["all: first line\nsecond line", THREE, "first line\nsecond line"],
    ["all repositories: see https://example.com/a:b", THREE, "see https://example.com/a:b"],
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

it("the same message delivered again, also at the same time, asks for one round", async () => {
  const opened = await openStore();
  const { store } = opened;
  const workspace = await openWorkspace(store);
  const app = await connect(workspace, depsOver(store));
  try {
    const job = jobRow({
      teamId: "T0LOCAL",
      userId: "U0REQUESTER",
      channelId: "C0CODY",
      repositories: ["acme/orders"],
    });
    const { jobId, teamId, userId } = job;
    await store.insertJob(job);
    await store.insertRound(firstRound(job));
    await store.openRun({
      ...runRow("acme/orders", "patch-ready", { patch: PATCH, verdict: VERDICT }),
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
    };
    const delivery = () =>
      app.processEvent({
        body: { type: "event_callback", team_id: teamId, event: { type: "message", channel_type: "channel", ...said } },
        ack: async () => {},
      });
    await Promise.all([delivery(), delivery(), delivery()]);
    await delivery();
    const { rounds } = (await store.readJob(jobId))!;
    expect(rounds.map(({ kind, source }) => [kind, source])).toEqual([
      ["first", undefined],
      ["refine", said.ts],
    ]);
    const audit = await store.readAudit({ jobId }, { limit: 10 });
    expect(audit.filter(({ action, result }) => action === "refine" && result === "done")).toHaveLength(1);
  } finally {
    await app.stop();
    await workspace.slack.stop();
    await opened.close();
  }
});
