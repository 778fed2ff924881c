import { setTimeout as sleep } from "node:timers/promises";
import { steadyNow } from "../packages/clock/steady-clock.ts";
import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { createSessionRight } from "../packages/notify/agent-session.ts";
import { showCampaigns } from "../packages/notify/campaigns.ts";
import { createSlackClient } from "../packages/notify/client.ts";
import { createReadRights } from "../packages/notify/job-readers.ts";
import { showHomes } from "../packages/notify/live-homes.ts";
import { createRateLimiter } from "../packages/notify/rate-limiter.ts";
import { createShow } from "../packages/notify/thread.ts";
import { campaignChanges, perJob, type RowChange, rowChanges } from "../packages/pipeline/stream.ts";
import { openStore } from "../packages/store/open.ts";

/**
 * On the table's stream: brings the cards in line with the rows, and the dashboards that people look at. The card's own
 * row is what it writes itself.
 */
export function createNotify(environment: Environment, now: () => number = steadyNow) {
  const config = readConfig("notify", environment);
  const slackApiUrl = config.SLACK_API_URL;
  const store = openStore(config);
  const slack = createSlackClient(config.SLACK_BOT_TOKEN, slackApiUrl ? { slackApiUrl } : {});
  const deps = {
    slack,
    readRights: createReadRights({ readers: config.CODY_READERS, admins: config.CODY_ADMINS, slack, now }),
    store,
    rateLimiter: createRateLimiter({ slots: store, now }),
    mayHaveSessions: createSessionRight(slack),
    now: () => new Date(now()),
    sleep: (ms: number) => sleep(ms),
    log: console.warn,
  };
  const { show, showOwed } = createShow(deps);
  return async (event: unknown) => {
    const changes = rowChanges(event).filter(({ row }) => row !== "card");
    const begun = changes.filter(({ row, inserted }) => row === "job" && inserted);
    const idsOf = (some: typeof changes) => [...new Set(some.map(({ jobId }) => jobId))];
    const jobs = await perJob(
      changes,
      (jobId, ofJob) => show(jobId, { isAsked: ofJob.some(isAsked) }),
      (jobId, error) => console.warn(`notify ${jobId}: ${error}`),
    );
    await showOwed();
    const campaigns = await showCampaigns(
      deps,
      campaignChanges(event),
      idsOf(changes.filter(({ row }) => row === "round")),
    );
    // Cards come first: they are what people wait for.
    await showHomes(deps, idsOf(changes), idsOf(begun));
    return { batchItemFailures: [...jobs.batchItemFailures, ...campaigns.batchItemFailures] };
  };
}

/** What people ask for is a new round, a flag on the job's row, or something for its pull requests. */
const isAsked = ({ row, inserted }: RowChange) =>
  (row === "round" && inserted) || (row === "job" && !inserted) || row === "ask";

export const handler = onFirstCall(createNotify);
