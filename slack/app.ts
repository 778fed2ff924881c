import { App, type Logger, type Receiver, SocketModeReceiver } from "@slack/bolt";
import { UserError } from "../packages/jobs/user-error.ts";
import { ACTIONS } from "../packages/notify/actions.ts";
import { slackClientOptions } from "../packages/notify/client.ts";
import type { SlackDeps } from "./deps.ts";
import { listenToCancel } from "./interactions/cancel.ts";
import { listenToCommand } from "./interactions/command.ts";
import { listenToDecisions } from "./interactions/decide.ts";
import { listenToDownloadPatch } from "./interactions/download-patch.ts";
import { listenToMessages } from "./interactions/message.ts";
import { listenToRaiseCap } from "./interactions/raise-cap.ts";
import { listenToRepositories } from "./interactions/repositories.ts";
import { listenToRetry } from "./interactions/retry.ts";
import { listenToRun } from "./interactions/run.ts";
import { createAuthorize, refuseOtherWorkspaces } from "./workspace.ts";

export type CreateAppOptions = {
  /** `socketReceiver(...)`, Bolt's AwsLambdaReceiver or HTTPReceiver. */
  receiver: Receiver;
  botToken: string;
  slackApiUrl?: string;
  logger: Logger;
  deps: SlackDeps;
};

/** The Slack app, the same over HTTP and Socket Mode. Nothing is sent before the first request arrives. */
export function createApp({ receiver, botToken, slackApiUrl, logger, deps }: CreateAppOptions): App {
  const client = { logger, ...(slackApiUrl && { slackApiUrl }) };
  const app = new App({
    receiver,
    authorize: createAuthorize(botToken, client),
    clientOptions: slackClientOptions(client),
    convoStore: false,
    logger,
    logLevel: logger.getLevel(),
  });
  refuseOtherWorkspaces(app);
  listenToCommand(app, deps);
  listenToRun(app, deps);
  listenToRepositories(app, deps);
  listenToMessages(app, deps);
  listenToCancel(app, deps);
  listenToDecisions(app, deps);
  listenToDownloadPatch(app, deps);
  listenToRaiseCap(app, deps);
  listenToRetry(app, deps);
  // Slack opens the link itself and tells us about the click all the same.
  app.action(ACTIONS.openPullRequest, async ({ ack }) => ack());
  app.error(async (error) => {
    if (error instanceof UserError) logger.info(error.message);
    else logger.error(error);
  });
  return app;
}

/** Keeps its connection up by itself; `app.start()` resolves when it stands. */
export const socketReceiver = (options: { appToken: string; slackApiUrl?: string; logger: Logger }) =>
  new SocketModeReceiver({
    appToken: options.appToken,
    logger: options.logger,
    logLevel: options.logger.getLevel(),
    // Not our own client options: here repeating a request is right, for as long as it takes.
    installerOptions: {
      clientOptions: options.slackApiUrl ? { slackApiUrl: options.slackApiUrl } : {},
    },
  });
