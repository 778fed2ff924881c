import { systemClock } from "../packages/clock/clock.ts";
import { steadyNow } from "../packages/clock/steady-clock.ts";
import { unlessLate } from "../packages/clock/unless-late.ts";
import { createSlackClient } from "../packages/notify/client.ts";
import { createReadRights } from "../packages/notify/job-readers.ts";
import type { Pressed } from "../packages/pipeline/wake.ts";
import { createArtifacts } from "../packages/store/artifacts.ts";
import { openBucket, openStore } from "../packages/store/open.ts";
import type { AppConfig } from "./app-config.ts";
import type { SlackDeps } from "./deps.ts";
import { offeredModels } from "./offered-models.ts";
import { openRepositories } from "./open-repositories.ts";
import { openFiles } from "./read-file.ts";

/** Slack waits three seconds for its answer. */
const WAKE_MS = 1_000;

/** What the Slack app's listeners need. `wake`: the function that starts what is due; on one machine a timer does. */
export function openSlackDeps(
  config: AppConfig,
  log: (line: string) => void,
  { wake = async () => {}, ...limits }: { ackMs?: number; wake?: (pressed: Pressed) => Promise<void> } = {},
): SlackDeps {
  const now = systemClock.now;
  const slackApiUrl = config.SLACK_API_URL;
  return {
    store: openStore(config, log),
    artifacts: createArtifacts({ s3: openBucket(config), bucket: config.CODY_BUCKET }),
    files: openFiles({ botToken: config.SLACK_BOT_TOKEN, slackApiUrl: config.SLACK_API_URL }),
    repositories: openRepositories(config, log, limits),
    settings: {
      models: offeredModels(config.CODY_MODEL, now()),
      defaultModel: config.CODY_MODEL,
      images: Object.keys(config.CODY_IMAGES),
      admins: config.CODY_ADMINS,
      strict: config.CODY_STRICT ?? false,
      channels: config.CODY_CHANNELS,
    },
    readRights: createReadRights({
      readers: config.CODY_READERS,
      admins: config.CODY_ADMINS,
      slack: createSlackClient(config.SLACK_BOT_TOKEN, slackApiUrl ? { slackApiUrl } : {}),
      now: steadyNow,
    }),
    startSoon: (pressed) =>
      unlessLate(wake(pressed), WAKE_MS).catch((error: unknown) =>
        log(`what was pressed for starts at the next look: ${error}`),
      ),
    log,
    now,
  };
}
