import type { types } from "@slack/bolt";
import { deliveryWords } from "../jobs/deliveries.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { settingsOf } from "../jobs/resolve-settings.ts";
import { plural } from "../text/counts.ts";
import { firstLine } from "../text/lines.ts";
import { context } from "./history/blocks.ts";
import { ownerOfAll } from "./names.ts";
import type { Room } from "./room.ts";
import { clipToSize } from "./size.ts";
import { escaped, escapedWithin, LIMITS, literal, plain, readable, richText } from "./text.ts";
import { mention } from "./who-and-when.ts";
import { modelWords } from "./words.ts";

export const titleOf = (prompt: string) => clipToSize(`Cody: ${readable(firstLine(prompt))}`, LIMITS.header);

/** What Plan has not looked at yet may have one. */
const hasCheck = ({ job, runs }: JobRecord) =>
  runs.length < job.repositories.length || runs.some((run) => settingsOf(job, run).check?.value !== undefined);

export function heading(record: JobRecord, { promptChars }: Room): types.KnownBlock[] {
  const { job } = record;
  const { prompt } = job;
  const wholePromptInTitle = titleOf(prompt) === `Cody: ${readable(prompt.trim())}`;
  return [
    { type: "header", text: plain(titleOf(prompt), LIMITS.header) },
    ...(wholePromptInTitle || promptChars === 0
      ? []
      : [richText({ type: "rich_text_quote", elements: [literal(clipToSize(prompt.trim(), promptChars))] })]),
    context(
      [
        mention(job.userId),
        repositoriesWords(job),
        deliveryWords(job.options, { hasCheck: hasCheck(record) }),
        ...attachedWords(job),
        escapedWithin(modelWords(job.options), 100),
        `\`${job.jobId}\``,
      ].join(" · "),
    ),
  ];
}

/** "5 repositories of acme", where no line below says the owner. */
export function repositoriesWords(job: JobRecord["job"]): string {
  const owner = ownerOfAll(job);
  const many = plural(job.repositories.length, "repository", "repositories");
  return owner === undefined ? many : `${many} of ${escaped(owner)}`;
}

export const attachedWords = ({ attachments = [] }: Pick<JobRecord["job"], "attachments">) =>
  attachments.length === 0 ? [] : [plural(attachments.length, "file attached", "files attached")];
