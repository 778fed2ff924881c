import type { App, BlockButtonAction } from "@slack/bolt";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { costLimitOf } from "../../packages/jobs/round.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { readOwnJob, targetOf } from "../access.ts";
import type { SlackDeps } from "../deps.ts";
import { whoOf } from "../listen.ts";
import type { FormContent } from "./run-fields.ts";
import type { RunForm } from "./run-form.ts";

/** What was asked for, to be asked for again: attached files are not among it. */
function contentOf({ job, rounds }: JobRecord): FormContent {
  const { prompt, repositories, options, attachments = [] } = job;
  return {
    prompt,
    repositories,
    options: { ...options, capUsd: costLimitOf(job, rounds) },
    ...(attachments.length > 0 && { note: "Files that were attached to the job are not: attach them again." }),
  };
}

/** Run again with changes: the form, filled in with what a job asked for. */
export function listenToRunAgain(app: App, deps: SlackDeps, form: RunForm): void {
  app.action<BlockButtonAction>(ACTIONS.runAgain, async (args) => {
    const { action, body, context } = args;
    const who = whoOf(context);
    const { jobId } = targetOf(action.value);
    await form.openFilled(args, {
      triggerId: body.trigger_id,
      who,
      channelId: body.channel?.id ?? body.user.id,
      content: async () => contentOf(await readOwnJob(deps, jobId, who)),
    });
  });
}
