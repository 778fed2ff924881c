import type { types } from "@slack/bolt";
import { DELIVERIES } from "../jobs/deliveries.ts";
import { button } from "./button.ts";
import type { CardContent } from "./card.ts";
import { LIMITS, mrkdwn } from "./text.ts";

/** Opens the form of a new job from a message; slack/interactions/message.ts listens to it. */
export const OPEN_FORM = "cody-open-form";

const says = (text: string): types.SectionBlock => ({ type: "section", text: mrkdwn(text) });

/** `prompt`: what the form opens with. */
export const formButton = (prompt: string): types.ActionsBlock => ({
  type: "actions",
  elements: [button("Open the form", OPEN_FORM, prompt.slice(0, LIMITS.buttonValue), { style: "primary" })],
});

const TRY = `Three things to try:
• \`/cody Raise log4j-core to at least 2.17.1\` opens the form with that filled in.
• Choose *${DELIVERIES["review-first"].name}* there: nothing is pushed before you have seen the change and approved it.
• When the card says that a repository is done, reply below it: \`also update the changelog\`.`;

const WELCOME =
  "I run one prompt over up to five repositories and bring back a pull request, a patch, or the proof that nothing was needed.";

/** Once, when a person first opens the app. */
export const welcome = (userId: string): CardContent => ({
  text: `Welcome to Cody. ${WELCOME}`,
  blocks: [
    says(`Hello <@${userId}>. ${WELCOME}`),
    says(TRY),
    formButton("Raise log4j-core to at least 2.17.1"),
    says("`/cody help` names everything else."),
  ],
});

/** Every way to Cody, in the order in which a person meets them. */
export const HELP = `*Start a job*
• \`/cody\` opens the form; \`/cody PROMPT\` opens it with the prompt filled in, and with the repositories that it names.
• *Run Cody on this*, in the menu of any message, makes that message the prompt. Its files go along.
• Mention me in a channel or a thread: the thread goes along as what was said before.
• Write to me directly, as you would in a channel.
• *Start a job* on my Home tab.
*In the form*
• *Start from* fills in a saved job of the workspace, or one of the gallery; *Save this job as* keeps one.
• *Files* takes images and text files that explain the task.
*Follow it*
• The job's card shows every repository as it works: cancel, review, approve, reject, retry, raise the cost limit, run again with changes, details.
• Reply below the card to go on: \`also update the changelog\`, or \`repositories 1 and 3: ...\`.
• My *Home* tab lists what runs and what waits for you, and every job of the workspace; decide there too.
• *Your defaults* on Home: model, delivery, cost limit, and a direct message when a job has ended. *Settings of a repository*: its setup, check and reviewers.
*Commands*
• \`/cody report\`, or \`/cody report 2026-11\`, shows a month in numbers: opened, merged, closed, and what a merged one cost.
• \`/cody schedules\` lists saved jobs that run at a time; the form has *Schedule it* below a saved job.
• \`/cody campaign\` runs one task in many repositories, a few at a time.
• \`/cody gallery\` shows jobs to start from: a vulnerable dependency, tests for a module, and eight more.
• \`/cody list\` shows your latest jobs, \`/cody status ID\` one job, \`/cody cancel ID\` stops one.
• \`/cody audit\` shows admins what was refused before there was a job, and saved jobs that were deleted.
• \`/cody help\` shows this.`;
