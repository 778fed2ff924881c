import { WebClient } from "@slack/web-api";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import { showCampaign } from "../../packages/notify/campaign-message.ts";
import { slackClientOptions } from "../../packages/notify/client.ts";
import { createRateLimiter } from "../../packages/notify/rate-limiter.ts";
import { showJob } from "../../packages/notify/thread.ts";
import type { ThreadDeps } from "../../packages/notify/thread-deps.ts";
import { openEntryLog } from "../../packages/stand-ins/slack/journal.ts";
import { SLACK_LIMITS, type SlackLimits } from "../../packages/stand-ins/slack/limits.ts";
import { readManifest } from "../../packages/stand-ins/slack/manifest.ts";
import { createModals } from "../../packages/stand-ins/slack/modals.ts";
import { createTriggers } from "../../packages/stand-ins/slack/triggers.ts";
import { createWebApi } from "../../packages/stand-ins/slack/web-api/api.ts";
import { createWorkspace } from "../../packages/stand-ins/slack/workspace.ts";
import { createJobStore, type JobStore } from "../../packages/store/jobs.ts";
import { AT, aCampaign, aJob, aRun } from "../builders.ts";
import { manifest } from "../slack/world.ts";
import { clientOf, memoryTable } from "../store/memory-table.ts";

const TOKENS = { botToken: "xoxb-local", appToken: "xapp-local" };
const SETUP = {
  appName: "Cody",
  people: [{ name: "requester" }],
  channels: [{ name: "cody" }, { name: "secret", private: true, withoutApp: true }, { name: "hall", withoutApp: true }],
};
type Clock = { nowMs: () => number; sleep: (ms: number) => Promise<void> };
export type World = ReturnType<typeof openMessageWorld>;

/** Time that stands still, and jumps where something waits. */
export function standingClock(): Clock {
  let at = Date.parse(AT);
  return {
    nowMs: () => at,
    sleep: async (ms) => {
      at += ms;
    },
  };
}

/** The real Slack client, the stand-in's Web API and the store, without a socket between them. */
export function openMessageWorld(clock: Clock, limits: Partial<SlackLimits> = {}) {
  const { nowMs } = clock;
  const table = memoryTable();
  const store = createJobStore({
    documents: clientOf(async (command) => table.answer(command)),
    table: "cody",
    now: () => new Date(nowMs()),
  });
  const workspace = createWorkspace(SETUP, openEntryLog(undefined, ""), nowMs);
  const api = createWebApi(
    {
      workspace,
      modals: createModals({ nowMs, changed: () => {} }),
      triggers: createTriggers(nowMs, 1_000),
      manifest: readManifest(manifest("socket")),
      nowMs,
      openConnection: () => "",
      permalink: (channel, ts) => `https://local.slack.example/archives/${channel}/p${ts.replace(".", "")}`,
    },
    TOKENS,
    { ...SLACK_LIMITS, otherCallsPerMinute: 1_000, postsPerSecond: 100, ...limits },
    { log: () => {}, received: () => {} },
  );
  const slack = new WebClient(TOKENS.botToken, {
    ...slackClientOptions({ slackApiUrl: "http://slack.example/api/" }),
    fetch: async (url, init) => {
      const { status, headers, body } = await api.answer({
        method: String(url).slice(String(url).lastIndexOf("/") + 1),
        authorization: new Headers(init?.headers as HeadersInit).get("authorization") ?? undefined,
        contentType: new Headers(init?.headers as HeadersInit).get("content-type") ?? "",
        body: String(init?.body),
      });
      return new Response(JSON.stringify(body), { status, headers }) as never;
    },
  });
  const logged: string[] = [];
  const effects = { slack, store, sleep: clock.sleep };
  /** One process: what it asks of the world goes through `of`. */
  const depsOver = (
    of: Pick<ThreadDeps, "slack" | "sleep"> & { store: JobStore },
  ): ThreadDeps & { store: JobStore } => ({
    ...of,
    rateLimiter: createRateLimiter({ slots: of.store, now: nowMs, sleep: of.sleep }),
    mayHaveSessions: async () => false,
    now: () => new Date(nowMs()),
    log: (line) => logged.push(line),
  });
  const messages = () => workspace.channels().flatMap(({ id }) => workspace.messages(id));
  return { workspace, store, effects, depsOver, logged, messages, calls: api.calls, nowMs };
}

type Deps = ReturnType<World["depsOver"]>;
/** What both kinds of message do in the same way, and a test drives in the same way. */
export type MessageKind = {
  what: string;
  event: string;
  /** Writes the rows that are to be shown. */
  begin(world: World, channelId?: string): Promise<void>;
  /** Changes the rows; gives what the message says then. */
  move(world: World, to: number): Promise<string>;
  show(deps: Deps): Promise<unknown>;
  stored(world: World): Promise<JobRecord["card"] | Awaited<ReturnType<typeof campaignCard>>>;
};

const JOB = "j0000000000000001";
const CAMPAIGN = "c0000000000000001";
const RUN = "acme/orders";
const campaignCard = async ({ store }: World) => (await store.readShownCampaign(CAMPAIGN))?.card;

export const KINDS: readonly [MessageKind, MessageKind] = [
  {
    what: "the card of a job",
    event: "cody_card",
    async begin({ store }, channelId = "C0CODY") {
      const job = aJob({ jobId: JOB, channelId, userId: "U0REQUESTER", repositories: [RUN] });
      await store.insertJob(job);
      await store.insertRound(firstRound(job));
      await store.openRun({ ...aRun({ repository: RUN }), jobId: JOB });
    },
    async move({ store }, to) {
      const reason = { code: "empty" as const, message: `It is empty for the ${to}th time.`, nextStep: "Push." };
      if (to > 1) {
        const asked = { requestedBy: "U0REQUESTER", requestedAt: AT };
        await store.insertRound({ jobId: JOB, round: to, kind: "retry", repositories: [RUN], ...asked });
        await store.openRun({ ...aRun({ repository: RUN }), jobId: JOB, round: to });
      }
      await store.moveRun({ jobId: JOB, repository: RUN, round: to }, ["queued"], { state: "failed", reason });
      return reason.message;
    },
    show: (deps) => showJob(deps, JOB),
    stored: async ({ store }) => (await store.readJob(JOB))?.card,
  },
  {
    what: "the message of a campaign",
    event: "cody_campaign",
    begin: async ({ store }, channelId = "C0CODY") => {
      await store.insertCampaign(aCampaign({ campaignId: CAMPAIGN, channelId, userId: "U0REQUESTER" }));
    },
    async move({ store }, to) {
      const by = `U${to}`;
      await store.changeCampaign((await store.readCampaign(CAMPAIGN))!, { stopped: { at: AT, by } });
      return `Stopped by <@${by}>`;
    },
    show: (deps) => showCampaign(deps, CAMPAIGN),
    stored: campaignCard,
  },
];
