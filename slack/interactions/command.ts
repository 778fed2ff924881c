import type { App } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import { JobId } from "../../packages/jobs/ids.ts";
import { type CardContent, renderCard } from "../../packages/views/card.ts";
import { withinMessage } from "../../packages/views/history/blocks.ts";
import { decisions, MAX_DECISIONS } from "../../packages/views/history/decisions.ts";
import { jobTitle, outcomeWords } from "../../packages/views/history/outcomes.ts";
import { escapedWithin } from "../../packages/views/text.ts";
import { HELP } from "../../packages/views/welcome.ts";
import { cardLink, when } from "../../packages/views/who-and-when.ts";
import { mustBeAllowedToStart, readOwnJob } from "../access.ts";
import { keepingRefusals } from "../audit.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { decider } from "../listen.ts";
import { promptText } from "../prompt-text.ts";
import { openCampaignForm } from "./campaign.ts";
import { cancel } from "./cancel.ts";
import { openGallery } from "./gallery.ts";
import { openNumbers } from "./numbers.ts";
import type { RunForm } from "./run-form.ts";
import { schedulesList } from "./schedule-buttons.ts";

const COMMAND = "/cody";
const MAX_LISTED = 10;

export type SlashRequest =
  | { kind: "open"; prompt: string }
  | { kind: "help" }
  | { kind: "list" }
  | { kind: "gallery" }
  | { kind: "schedules" }
  | { kind: "report"; month?: string }
  | { kind: "campaign" }
  | { kind: "audit" }
  | { kind: "status" | "cancel"; id: string };

/** Words that are a command where nothing else stands beside them. */
const ALONE = ["help", "list", "gallery", "audit", "schedules", "campaign"] as const;

/** A single word after status or cancel is an id; more words are a prompt that happens to begin so. */
export function parse(text: string): SlashRequest {
  const [word = "", id, ...more] = text.trim().split(/\s+/);
  // `--help` too, and what a keyboard makes of it.
  const name = word.toLowerCase().replace(/^[-–—]+/, "");
  const alone = ALONE.find((one) => one === name);
  if (alone && id === undefined) return { kind: alone };
  if (name === "report" && more.length === 0 && (id === undefined || /^\d/.test(id)))
    return { kind: name, ...(id && { month: id }) };
  if ((name === "status" || name === "cancel") && more.length === 0) return { kind: name, id: id ?? "" };
  return { kind: "open", prompt: text.trim() };
}

/** What was typed goes with a command that is refused: it comes back to be copied. */
const MAX_GIVEN_BACK = 3_000;
const withPrompt = (sentence: string, prompt: string) =>
  prompt === "" ? sentence : `${sentence} What you wrote:\n>>> ${escapedWithin(prompt, MAX_GIVEN_BACK)}`;

function jobIdIn(id: string): string {
  if (id === "") throw new UserError("Say which job, by its id; `/cody list` shows yours.");
  const jobId = JobId.safeParse(id.replace(/^[`'"‘’“”<]+|[`'"‘’“”>.,]+$/g, ""));
  if (!jobId.success) throw new UserError(`${jobId.error.issues[0]!.message} \`/cody list\` shows yours.`);
  return jobId.data;
}

async function list(deps: SlackDeps, who: Who): Promise<string> {
  const { items } = await deps.store.jobsOfUser(who, { limit: MAX_LISTED });
  if (items.length === 0) return "You have no jobs yet. `/cody` starts one.";
  const [found, links] = await Promise.all([
    deps.store.runsOfJobs(items),
    deps.store.permalinksOf(items.map(({ jobId }) => jobId)),
  ]);
  const runs = Map.groupBy(found, ({ jobId }) => jobId);
  return items
    .map((job) => {
      const listed = { job, runs: runs.get(job.jobId) ?? [] };
      const words = escapedWithin(`${jobTitle(job)}: ${outcomeWords(listed)}`, 300);
      return [`\`${job.jobId}\` ${when(job.createdAt)} ${words}`, ...cardLink(links.get(job.jobId))].join(" · ");
    })
    .join("\n");
}

async function audit(deps: SlackDeps, who: Who): Promise<CardContent> {
  await keepingRefusals(deps, who, { action: "use" }, () => {
    if (!deps.settings.admins.includes(who.userId)) throw new UserError("Only an admin of Cody may see that.");
  });
  const entries = await deps.store.readAudit({ teamId: who.teamId }, { limit: MAX_DECISIONS });
  if (entries.length === 0) return { text: "Nothing of that kind happened in this workspace.", blocks: [] };
  return { text: "What happened beside jobs, latest first", blocks: withinMessage(decisions(entries)) };
}

async function cancelNamed(deps: SlackDeps, id: string, who: Who): Promise<string> {
  const jobId = jobIdIn(id);
  await cancel(deps, who, { jobId });
  return `Job ${jobId} is being cancelled; its card shows when everything has stopped.`;
}

async function answer(
  deps: SlackDeps,
  request: Exclude<SlashRequest, { kind: "open" | "gallery" | "report" | "campaign" }>,
  who: Who,
) {
  switch (request.kind) {
    case "help":
      return { text: HELP };
    case "list":
      return { text: await list(deps, who) };
    case "audit":
      return audit(deps, who);
    case "schedules":
      return schedulesList(deps, who);
    case "status":
      return renderCard(await readOwnJob(deps, jobIdIn(request.id), who), { plan: false });
    case "cancel":
      return { text: await cancelNamed(deps, request.id, who) };
  }
}

export function listenToCommand(app: App, deps: SlackDeps, form: RunForm): void {
  app.command(COMMAND, async (args) => {
    const { ack, command, context } = args;
    // Slack escapes three characters in what was typed.
    const request = parse(promptText(command.text ?? ""));
    const { who, finish } = decider(context);
    try {
      if (request.kind === "open") {
        await keepingRefusals(deps, who, { action: "submit" }, () =>
          mustBeAllowedToStart(deps, who, command.channel_id),
        );
        // One that is too long opens too: the form keeps it, and says at the submit by how much.
        const { prompt } = request;
        await form.open(args, { triggerId: command.trigger_id, who, channelId: command.channel_id, prompt });
      } else if (request.kind === "gallery") {
        await openGallery(args, command.trigger_id, command.channel_id);
      } else if (request.kind === "report") {
        await openNumbers(deps, args, { triggerId: command.trigger_id, who, month: request.month });
      } else if (request.kind === "campaign") {
        await keepingRefusals(deps, who, { action: "campaign" }, () =>
          mustBeAllowedToStart(deps, who, command.channel_id),
        );
        await openCampaignForm(args, command.trigger_id, command.channel_id);
      } else {
        await ack({ response_type: "ephemeral", ...(await answer(deps, request, who)) });
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const text = request.kind === "open" ? withPrompt(error.inMessage, request.prompt) : error.inMessage;
      await ack({ response_type: "ephemeral", text });
    } finally {
      await finish();
    }
  });
}
