import type { App } from "@slack/bolt";
import { LINK_SECONDS } from "../../packages/jobs/limits.ts";
import { UserError } from "../../packages/jobs/user-error.ts";
import { ACTIONS } from "../../packages/notify/actions.ts";
import { escaped, literal, richText, section } from "../../packages/notify/text.ts";
import { diffstat } from "../../packages/notify/words.ts";
import { readOwnJob, targetOf } from "../access.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { onButton, type Said } from "../listen.ts";

/** Signed on click: a link on the card would be there for everybody and for ever. */
async function link(
  deps: SlackDeps,
  who: Who,
  target: { jobId: string; repository?: string | undefined },
): Promise<Said> {
  const { runs } = await readOwnJob(deps, target.jobId, who);
  const run = runs.find(({ repository }) => repository === target.repository);
  if (!run?.patch) throw new UserError("There is no patch to download here.");
  const fileName = `${run.repository.replace("/", "-")}-${target.jobId}-r${run.round}.patch`;
  const url = await deps.artifacts.link(run.patch.key, { fileName, seconds: LINK_SECONDS });
  return {
    text: `<${escaped(url)}|${fileName}>`,
    blocks: [
      richText(
        section([
          { type: "link", url, text: fileName },
          literal(` (${diffstat(run.patch)}, from ${new URL(url).host})\n`),
          literal(`The link works for ${LINK_SECONDS / 60} minutes, and for whoever has it.\n`),
          literal("Apply it with "),
          literal(`git apply ${fileName}`, { code: true }),
          literal(run.baseCommit ? ` on commit ${run.baseCommit.slice(0, 12)}.` : "."),
        ]),
      ),
    ],
  };
}

export function listenToDownloadPatch(app: App, deps: SlackDeps): void {
  onButton(app, ACTIONS.downloadPatch, ({ value, who }) => link(deps, who, targetOf(value)));
}
