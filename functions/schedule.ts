import { systemClock } from "../packages/clock/clock.ts";
import { steadyNow } from "../packages/clock/steady-clock.ts";
import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { openReading } from "../packages/github/reading.ts";
import { createRights, mayPush } from "../packages/github/rights.ts";
import { createSlackClient } from "../packages/notify/client.ts";
import { createTellSchedule } from "../packages/notify/tell-schedule.ts";
import { createOpeningPace } from "../packages/pipeline/opening-pace.ts";
import { runCampaigns } from "../packages/pipeline/run-campaigns.ts";
import { runSchedules } from "../packages/pipeline/run-schedules.ts";
import { openStore } from "../packages/store/open.ts";
import { offeredModels } from "../slack/offered-models.ts";
import { CAMPAIGN_REFUSALS, createMayStart, SCHEDULE_REFUSALS } from "../slack/schedule-rights.ts";

/** A rate limit that lasts longer leaves what is due for the next look. */
const MAX_WAIT_S = 5;

/** Every few minutes: starts the saved jobs whose time and the waves whose turn has come. It writes rows of jobs as Slack's side does, and no more. */
export function createScheduler(environment: Environment, now: () => Date = systemClock.now) {
  const config = readConfig("schedule", environment);
  const log = console.warn;
  const slackApiUrl = config.SLACK_API_URL;
  const slack = createSlackClient(config.SLACK_BOT_TOKEN, slackApiUrl ? { slackApiUrl } : {});
  const reading = openReading(config, { maxWaitS: MAX_WAIT_S, log });
  const ask = async (repository: string, login: string) =>
    mayPush(await reading.clientOf(repository), repository, login);
  const store = openStore(config, log, now);
  const rights = {
    config,
    users: slack.users,
    mayPush: createRights(ask, steadyNow),
    models: () => offeredModels(config.CODY_MODEL, now()),
  };
  const schedules = {
    ...store,
    mayStart: createMayStart(rights, SCHEDULE_REFUSALS),
    async isOpen(repository: string, number: number) {
      const seen = await reading.inspect(repository, { pullRequests: [number] });
      return seen.ok && seen.pullRequests?.[number] === "open";
    },
    tell: createTellSchedule({ slack, log }),
    now,
    report: ({ scheduleId }: { scheduleId: string }, error: unknown) => log(`schedule ${scheduleId}: ${error}`),
  };
  const campaigns = {
    ...store,
    mayStart: createMayStart(rights, CAMPAIGN_REFUSALS),
    mayOpen: createOpeningPace(store, { perHour: config.CODY_OPENED_PER_HOUR, atOnce: config.CODY_OPEN_AT_ONCE }, now),
    now,
    report: ({ campaignId }: { campaignId: string }, error: unknown) => log(`campaign ${campaignId}: ${error}`),
  };
  return async () => ({ ...(await runSchedules(schedules)), campaigns: await runCampaigns(campaigns) });
}

export const handler = onFirstCall((environment) => createScheduler(environment));
