import { App, type Receiver, SocketModeReceiver } from "@slack/bolt";
import { UserError } from "../packages/jobs/errors.ts";
import { slackClientOptions } from "../packages/notify/client.ts";
import { ACTIONS } from "../packages/views/actions.ts";
import type { SlackDeps } from "./deps.ts";
import { listenToCampaign } from "./interactions/campaign.ts";
import { listenToCampaignButtons } from "./interactions/campaign-buttons.ts";
import { listenToCancel } from "./interactions/cancel.ts";
import { listenToChangeSet } from "./interactions/change-set.ts";
import { listenToCommand } from "./interactions/command.ts";
import { listenToDecisions } from "./interactions/decide.ts";
import { listenToDefaults } from "./interactions/defaults.ts";
import { listenToDetails } from "./interactions/details.ts";
import { listenToDirectMessages } from "./interactions/direct-message.ts";
import { listenToDownloads } from "./interactions/downloads.ts";
import { listenToEstimate } from "./interactions/estimate.ts";
import { listenToFollowUp } from "./interactions/follow-up.ts";
import { listenToGallery } from "./interactions/gallery.ts";
import { listenToHome } from "./interactions/home.ts";
import { listenToMessages } from "./interactions/message.ts";
import { listenToNumbers } from "./interactions/numbers.ts";
import { listenToRaiseCap } from "./interactions/raise-cap.ts";
import { listenToReplies } from "./interactions/refine.ts";
import { listenToRepositories } from "./interactions/repositories.ts";
import { listenToRepositorySettings } from "./interactions/repository-settings.ts";
import { listenToReview } from "./interactions/review.ts";
import { listenToRoundButtons } from "./interactions/round-buttons.ts";
import { listenToRun } from "./interactions/run.ts";
import { listenToRunAgain } from "./interactions/run-again.ts";
import { createRunForm } from "./interactions/run-form.ts";
import { listenToSchedule } from "./interactions/schedule.ts";
import { listenToScheduleButtons } from "./interactions/schedule-buttons.ts";
import { listenToStop } from "./interactions/stop.ts";
import { listenToTemplates } from "./interactions/templates.ts";
import { lineLogger } from "./logger.ts";
import { refuseGuests } from "./members.ts";
import { createAuthorize, refuseOtherWorkspaces } from "./workspace.ts";

export type CreateAppOptions = {
  /** `socketReceiver(...)`, Bolt's AwsLambdaReceiver or HTTPReceiver. */
  receiver: Receiver;
  botToken: string;
  slackApiUrl?: string;
  /** Warnings and errors, a line each. */
  log: (line: string) => void;
  deps: SlackDeps;
};

/** The Slack app, the same over HTTP and Socket Mode. Nothing is sent before the first request arrives. */
export function createApp({ receiver, botToken, slackApiUrl, log, deps }: CreateAppOptions): App {
  const logger = lineLogger(log);
  const client = { logger, ...(slackApiUrl && { slackApiUrl }) };
  const app = new App({
    receiver,
    authorize: createAuthorize(botToken, client, deps.files.learn),
    clientOptions: slackClientOptions(client),
    convoStore: false,
    logger,
    logLevel: logger.getLevel(),
  });
  refuseOtherWorkspaces(app, deps);
  refuseGuests(app, deps);
  const form = createRunForm(deps);
  listenToCommand(app, deps, form);
  listenToRun(app, deps);
  listenToRepositories(app, deps);
  listenToRepositorySettings(app, deps);
  listenToEstimate(app, form);
  listenToTemplates(app, deps, form);
  listenToSchedule(app, deps);
  listenToScheduleButtons(app, deps);
  listenToCampaign(app, deps);
  listenToCampaignButtons(app, deps);
  listenToGallery(app, form);
  listenToMessages(app, form);
  listenToDirectMessages(app);
  listenToReplies(app, deps);
  listenToCancel(app, deps);
  listenToStop(app, deps);
  listenToDecisions(app, deps);
  listenToDefaults(app, deps);
  listenToReview(app, deps);
  listenToDownloads(app, deps);
  listenToDetails(app, deps);
  listenToHome(app, deps, form);
  listenToNumbers(app, deps);
  listenToFollowUp(app, deps);
  listenToRunAgain(app, deps, form);
  listenToRaiseCap(app, deps);
  listenToRoundButtons(app, deps);
  listenToChangeSet(app, deps);
  // Slack opens the link itself and tells us about the click all the same.
  app.action(new RegExp(`^${ACTIONS.openPullRequest}(-\\d+)?$`), async ({ ack }) => ack());
  app.error(async (error) => {
    // An alarm looks for the second: stacks/alarms.ts.
    log(error instanceof UserError ? `slack: ${error.message}` : `slack failed: ${error.stack ?? error.message}`);
  });
  return app;
}

/** Keeps its connection up by itself; `app.start()` resolves when it stands. */
export function socketReceiver({
  appToken,
  slackApiUrl,
  log,
}: Pick<CreateAppOptions, "slackApiUrl" | "log"> & { appToken: string }) {
  const logger = lineLogger(log);
  return new SocketModeReceiver({
    appToken,
    logger,
    logLevel: logger.getLevel(),
    // Not our own client options: here repeating a request is right, for as long as it takes.
    installerOptions: { clientOptions: slackApiUrl ? { slackApiUrl } : {} },
  });
}
