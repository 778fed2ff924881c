import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { createSlackClient } from "../packages/notify/client.ts";
import { createPace } from "../packages/notify/pace.ts";
import { showJob } from "../packages/notify/thread.ts";
import { perJob, rowChanges } from "../packages/pipeline/stream.ts";
import { log, now, openStore } from "./clients.ts";
import { readConfig, SlackWriter, Table } from "./config.ts";
import { type Environment, onFirstCall } from "./on-first-call.ts";

export const variables = z.object({ ...Table.shape, ...SlackWriter.shape });

/** On the table's stream: brings the card in line with the rows. The card's own row is what it writes itself. */
export function createNotify(environment: Environment) {
  const config = readConfig(variables, environment);
  const slackApiUrl = config.SLACK_API_URL;
  const deps = {
    slack: createSlackClient(config.SLACK_BOT_TOKEN, slackApiUrl ? { slackApiUrl } : {}),
    store: openStore(config),
    pace: createPace(),
    now,
    sleep: (ms: number) => sleep(ms),
    log,
  };
  return async (event: unknown) =>
    perJob(
      rowChanges(event).filter(({ row }) => row !== "card"),
      (jobId) => showJob(deps, jobId),
      (jobId, error) => log(`notify ${jobId}: ${error}`),
    );
}

export const handler = onFirstCall(createNotify);
