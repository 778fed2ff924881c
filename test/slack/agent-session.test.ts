import { expect, it } from "vitest";
import { firstRound } from "../../packages/jobs/round.ts";
import { sessionOf } from "../../packages/jobs/session.ts";
import { isAtRest, type RepoRunState } from "../../packages/jobs/states.ts";
import { showJob } from "../../packages/notify/thread.ts";
import { aJob, aRun, aStartedRun } from "../builders.ts";
import { agentManifest } from "./agent-manifest.ts";
import { connect, depsOver, manifest, openStore, openWorkspace } from "./world.ts";

const { store } = openStore();
const REPOSITORY = "acme/orders";

let jobs = 0;
async function shownJob(asked = agentManifest()) {
  const workspace = await openWorkspace(store, { manifest: asked });
  const deps = depsOver(store);
  const app = await connect(workspace, deps);
  jobs += 1;
  const jobId = `j${String(jobs).padStart(16, "0")}`;
  const job = aJob({
    jobId,
    teamId: "T0LOCAL",
    channelId: "C0CODY",
    userId: "U0REQUESTER",
    repositories: [REPOSITORY],
  });
  await store.insertJob(job);
  await store.insertRound(firstRound(job));
  await showJob(workspace.thread, jobId);
  const [card] = workspace.slack.workspace.messages("C0CODY");
  return {
    workspace,
    jobId,
    ts: card!.ts,
    session: () => workspace.slack.workspace.message("C0CODY", card!.ts)?.agent_session?.status,
    move: async (state: "working" | "awaiting-approval" | "cancelled") => {
      await store.openRun({ ...aRun({ repository: REPOSITORY }), jobId });
      await store.moveRun({ jobId, repository: REPOSITORY, round: 1 }, ["queued", "working", "verifying"], {
        state,
      });
      if (isAtRest(state)) await store.markRoundFinished({ jobId, round: 1 });
      await showJob(workspace.thread, jobId, { isAsked: true });
    },
    close: async () => {
      await app.stop();
      await workspace.slack.stop();
    },
  };
}

it("is running, waiting and done as the rows say, told once each; its stop button cancels the job", async () => {
  const { workspace, jobId, ts, session, move, close } = await shownJob();
  expect(session()).toBe("processing");
  await showJob(workspace.thread, jobId);
  expect(workspace.callsOf("agents.sessions.setStatus")).toBe(1);

  const { second, requester } = workspace.slack.people;
  second.stopSession(ts);
  await expect
    .poll(() => second.ephemerals().map(({ text }) => text))
    .toEqual([expect.stringContaining("Only the person who asked")]);
  expect((await store.readJob(jobId))?.job.cancel).toEqual({});

  requester.stopSession(ts);
  await expect.poll(async () => Object.keys((await store.readJob(jobId))!.job.cancel)).toEqual(["*"]);
  await move("cancelled");
  expect(session()).toBe("active");
  expect(() => requester.stopSession(ts)).toThrow("no stop button");
  expect(workspace.refused).toEqual([]);
  await close();
});

it("where nothing runs any more, the button that was still there goes", async () => {
  const { workspace, jobId, ts, session, move, close } = await shownJob();
  await move("cancelled");
  const { requester } = workspace.slack.people;
  const root = workspace.slack.workspace.message("C0CODY", ts)!;
  workspace.slack.workspace.update("C0CODY", { ...root, agent_session: { status: "processing", title: "late" } });
  requester.stopSession(ts);
  await expect.poll(session).toBe("active");
  expect(requester.ephemerals().map(({ text }) => text)).toEqual([expect.stringContaining("Nothing of that runs")]);
  expect((await store.readJob(jobId))?.card?.session).toBe("active");
  await close();
});

it("an app that is no agent has none, and asks Slack for none", async () => {
  const { workspace, session, close } = await shownJob(manifest("socket"));
  expect(session()).toBeUndefined();
  expect(workspace.callsOf("agents.sessions.setStatus")).toBe(0);
  expect(workspace.refused).toEqual([]);
  await close();
});

it("a card that Slack has no session for is shown all the same, and Slack is not asked again", async () => {
  const { workspace, jobId, move, close } = await shownJob();
  const refusing = {
    ...workspace.thread,
    slack: Object.assign(Object.create(workspace.thread.slack), {
      agents: {
        sessions: {
          // The real client against a channel that is not there: Slack's own refusal.
          setStatus: (args: object) =>
            workspace.thread.slack.agents.sessions.setStatus({ ...args, channel_id: "C0NONE", status: "active" }),
        },
      },
    }),
  };
  await store.updateCard(jobId, { session: "active" });
  const before = workspace.callsOf("agents.sessions.setStatus");
  await showJob(refusing, jobId);
  await showJob(refusing, jobId);
  expect(workspace.callsOf("agents.sessions.setStatus")).toBe(before + 1);
  expect(workspace.logged).toEqual([expect.stringContaining("channel_not_found")]);
  await move("awaiting-approval");
  await close();
});

it("an ending that Slack could not be told is told by the next delivery; what goes on waits for no repeat", async () => {
  const { workspace, jobId, session, move, close } = await shownJob();
  let failure: Error | undefined = new Error("fetch failed");
  const { sessions } = workspace.thread.slack.agents;
  const flaky = {
    ...workspace.thread,
    slack: Object.assign(Object.create(workspace.thread.slack), {
      agents: {
        sessions: {
          setStatus: async (args: Parameters<typeof sessions.setStatus>[0]) => {
            if (failure) throw failure;
            return sessions.setStatus(args);
          },
        },
      },
    }),
  };
  await store.updateCard(jobId, { session: undefined });
  await showJob(flaky, jobId);
  await store.openRun({ ...aRun({ repository: REPOSITORY }), jobId });
  await store.moveRun({ jobId, repository: REPOSITORY, round: 1 }, ["queued"], { state: "cancelled" });
  await store.markRoundFinished({ jobId, round: 1 });
  await expect(showJob(flaky, jobId)).rejects.toThrow("fetch failed");
  failure = undefined;
  await showJob(flaky, jobId);
  expect(session()).toBe("active");
  await move("cancelled");
  await close();
});

it("waits where a person is asked", () => {
  const job = aJob({ repositories: [REPOSITORY, "acme/shop"] });
  const finishedAt = job.createdAt;
  const record = (...runs: ReturnType<typeof aStartedRun>[]) => ({
    job,
    rounds: [{ ...firstRound(job), finishedAt }],
    runs,
  });
  const of = (repository: string, state: RepoRunState) => aStartedRun({ repository, state });
  expect(sessionOf(record(of(REPOSITORY, "published")))).toBe("processing");
  expect(sessionOf(record(of(REPOSITORY, "published"), of("acme/shop", "working")))).toBe("processing");
  expect(sessionOf(record(of(REPOSITORY, "published"), of("acme/shop", "awaiting-approval")))).toBe("suspended");
  const ended = record(of(REPOSITORY, "published"), of("acme/shop", "failed"));
  expect(sessionOf(ended)).toBe("active");
  expect(sessionOf({ ...ended, rounds: [firstRound(job)] })).toBe("processing");
});
