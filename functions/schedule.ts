import { systemClock } from "../packages/clock/clock.ts";
import { steadyNow } from "../packages/clock/steady-clock.ts";
import { timeOver } from "../packages/clock/time-over.ts";
import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { appRefusalOf } from "../packages/github/app.ts";
import { pullRequestNow } from "../packages/github/pull-request-now.ts";
import { openReading } from "../packages/github/reading.ts";
import { createRights, mayPush } from "../packages/github/rights.ts";
import type { PullRequest } from "../packages/jobs/pull-request.ts";
import { createSlackClient } from "../packages/notify/client.ts";
import { createTellSchedule } from "../packages/notify/tell-schedule.ts";
import { createOpeningPace } from "../packages/pipeline/opening-pace.ts";
import { runCampaigns } from "../packages/pipeline/run-campaigns.ts";
import { runSchedules } from "../packages/pipeline/run-schedules.ts";
import { Pressed } from "../packages/pipeline/wake.ts";
import { openStore } from "../packages/store/open.ts";
import { offeredModels } from "../slack/offered-models.ts";
import {
  CAMPAIGN_REFUSALS,
  createMayStart,
  createMayStartAll,
  createRefusal,
  SCHEDULE_REFUSALS,
} from "../slack/schedule-rights.ts";

/** A rate limit that lasts longer leaves what is due for the next look. */
const MAX_WAIT_S = 5;
/** One that takes longer is given up, and looked at again. */
const LATE_MS = 15_000;
/** Nothing is begun later: the function has 55 seconds. */
const BEGIN_WITHIN_MS = 30_000;

/**
 * Every few minutes: starts the saved jobs whose time and the waves whose turn has come. A press in Slack has it look at
 * one of them at once. It writes rows of jobs as Slack's side does, and no more.
 */
export function createScheduler(environment: Environment, now: () => Date = systemClock.now) {
  const config = readConfig("schedule", environment);
  const log = console.warn;
  const slackApiUrl = config.SLACK_API_URL;
  const slack = createSlackClient(config.SLACK_BOT_TOKEN, slackApiUrl ? { slackApiUrl } : {});
  const reading = openReading(config, { maxWaitS: MAX_WAIT_S, log });
  const ask = async (repository: string, login: string) => {
    try {
      return await mayPush(await reading.clientOf(repository), repository, login);
    } catch (error) {
      // The App is not installed there any more: that is an answer, and the same one tomorrow.
      if (appRefusalOf(error, repository)?.code === "app-not-installed") return false;
      throw error;
    }
  };
  const store = openStore(config, log, now);
  /** For one look: a right that was given back counts at the next press, and each is asked for once. */
  const openLook = () => {
    const rights = {
      config,
      users: slack.users,
      mayPush: createRights(ask, steadyNow),
      models: () => offeredModels(config.CODY_MODEL, now()),
    };
    const schedules = {
      ...store,
      mayStart: createMayStartAll(rights, SCHEDULE_REFUSALS),
      pullRequestNow: (repository: string, pullRequest: PullRequest) =>
        pullRequestNow(reading.clientOf, repository, pullRequest),
      tell: createTellSchedule({ slack, log }),
      now,
      deadline,
      report: ({ scheduleId }: { scheduleId: string }, error: unknown) => log(`schedule ${scheduleId}: ${error}`),
    };
    const campaigns = {
      ...store,
      mayStart: createMayStart(rights, CAMPAIGN_REFUSALS),
      refusal: createRefusal(rights, CAMPAIGN_REFUSALS),
      ...createOpeningPace(store, { perHour: config.CODY_OPENED_PER_HOUR, atOnce: config.CODY_OPEN_AT_ONCE }, now),
      now,
      deadline,
      report: ({ campaignId }: { campaignId: string }, error: unknown) => log(`campaign ${campaignId}: ${error}`),
    };
    return { schedules, campaigns };
  };
  return async (event?: unknown) => {
    const { schedules, campaigns } = openLook();
    const isOver = timeOver(BEGIN_WITHIN_MS);
    const pressed = Pressed.safeParse(event).data;
    const due = pressed
      ? {
          dueSchedules: () => onePage("scheduleId" in pressed ? store.readSchedule(pressed) : undefined),
          dueCampaigns: () => onePage("campaignId" in pressed ? store.readCampaign(pressed.campaignId) : undefined),
        }
      : {};
    const [ofSchedules, ofCampaigns] = await Promise.all([
      runSchedules({ ...schedules, ...due, isOver }),
      runCampaigns({ ...campaigns, ...due, isOver }),
    ]);
    const looked = ofSchedules.looked + ofCampaigns.looked;
    const failed = ofSchedules.failed + ofCampaigns.failed;
    // The sweeper tells when this does not come any more.
    if (!pressed && looked > 0 && failed === 0 && !isOver()) await store.noteLook();
    return { ...ofSchedules, campaigns: ofCampaigns };
  };
}

const deadline = () => AbortSignal.timeout(LATE_MS);

async function* onePage<Row>(reading: Promise<Row | undefined> | undefined): AsyncGenerator<Row[]> {
  const row = await reading;
  if (row) yield [row];
}

export const handler = onFirstCall((environment) => createScheduler(environment));
