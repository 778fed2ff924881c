import { createHash } from "node:crypto";
import type { App } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { conversationKey, patchesKey, patchKey, transcriptKey } from "../../packages/store/keys.ts";
import { zipOf } from "../../packages/store/zip.ts";
import { plural } from "../../packages/text/counts.ts";
import { ACTIONS, type Target } from "../../packages/views/actions.ts";
import type { SignedLink } from "../../packages/views/history/link-view.ts";
import { literal } from "../../packages/views/text.ts";
import { diffstat } from "../../packages/views/words.ts";
import { readOwnJob, targetOf } from "../access.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { isStored, roundOfPatch } from "../stored.ts";
import { onLink } from "./downloads-answer.ts";

/** The function that makes the archive has seconds; a patch alone is never read here. */
const MAX_ARCHIVE_BYTES = 32 * 1024 * 1024;

const NO_PATCH = "There is no patch to download here.";

const fileName = ({ jobId, repository }: { jobId: string; repository: string }, round: number, ending: string) =>
  `${repository.replace("/", "-")}-${jobId}-r${round}${ending}`;

function runOf({ job, runs }: JobRecord, { repository }: Target): RepoRun {
  const run = runs.find((one) => one.repository === repository);
  if (!run) throw new UserError(`Job ${job.jobId} has no such repository.`);
  return run;
}

async function patchLink({ artifacts }: SlackDeps, record: JobRecord, target: Target): Promise<SignedLink> {
  const run = runOf(record, target);
  const earlier =
    target.round !== undefined && target.round < run.round ? patchKey({ ...run, round: target.round }) : "";
  const isEarlier = earlier !== "" && earlier !== run.patch?.key && (await isStored(artifacts, earlier));
  const key = isEarlier ? earlier : run.patch?.key;
  if (!key) throw new UserError(NO_PATCH);
  const label = fileName(run, roundOfPatch(key), ".patch");
  return {
    url: await artifacts.link(key, { fileName: label }),
    label,
    facts: !isEarlier && run.patch ? diffstat(run.patch) : undefined,
    use: [
      literal("Apply it with "),
      literal(`git apply ${label}`, { code: true }),
      literal(run.baseCommit ? ` on commit ${run.baseCommit.slice(0, 12)}.` : "."),
    ],
  };
}

/** The newest patch of every repository. The archive is stored under what is in it, so a second click finds it. */
async function patchesLink({ artifacts }: SlackDeps, { job, runs }: JobRecord): Promise<SignedLink> {
  const patched = runs.flatMap((run) => (run.patch ? [{ run, key: run.patch.key, bytes: run.patch.bytes }] : []));
  if (patched.length === 0) throw new UserError(NO_PATCH);
  if (patched.reduce((sum, { bytes }) => sum + bytes, 0) > MAX_ARCHIVE_BYTES)
    throw new UserError("These patches are too large for one archive; download them one by one.");
  const keys = patched.map(({ key }) => key);
  const archive = patchesKey(job.jobId, createHash("sha256").update(keys.join("\n")).digest("hex").slice(0, 16));
  if (!(await isStored(artifacts, archive))) {
    const entries = await Promise.all(
      patched.map(async ({ run, key }) => {
        const bytes = await artifacts.read(key);
        if (!bytes) throw new UserError(`The patch of ${run.repository} is not there any more.`);
        return { name: fileName(run, roundOfPatch(key), ".patch"), bytes };
      }),
    );
    await artifacts.putOnce(archive, zipOf(entries), "application/zip");
  }
  const label = `${job.jobId}-patches.zip`;
  return {
    url: await artifacts.link(archive, { fileName: label }),
    label,
    facts: plural(patched.length, "patch", "patches"),
  };
}

/** What Work leaves at the end of a round, or a sentence about why it is not there. */
async function roundObject(
  { artifacts }: SlackDeps,
  record: JobRecord,
  target: Target,
  what: { key: typeof conversationKey; ending: string; label?: string; missing: string },
): Promise<SignedLink> {
  const run = runOf(record, target);
  const round = target.round ?? run.round;
  const key = what.key({ ...run, round });
  if (!(await isStored(artifacts, key))) throw new UserError(what.missing);
  const name = fileName(run, round, what.ending);
  const url = await artifacts.link(key, { fileName: name, inline: what.label !== undefined });
  return { url, label: what.label ?? name };
}

const NOT_YET = "It is made when a round of a repository has ended; read the conversation here meanwhile.";

export function listenToDownloads(app: App, deps: SlackDeps): void {
  const on = (actionId: string | RegExp, link: (record: JobRecord, target: Target) => Promise<SignedLink>) =>
    onLink(app, actionId, async (who: Who, value) => {
      const target = targetOf(value);
      return link(await readOwnJob(deps, target.jobId, who), target);
    });
  // With a round's number behind it where one block offers several.
  on(new RegExp(`^${ACTIONS.downloadPatch}(-\\d+)?$`), (record, target) => patchLink(deps, record, target));
  on(ACTIONS.downloadPatches, (record) => patchesLink(deps, record));
  on(ACTIONS.downloadConversation, (record, target) =>
    roundObject(deps, record, target, {
      key: conversationKey,
      ending: "-conversation.json",
      missing: `There is no conversation to download yet. ${NOT_YET}`,
    }),
  );
  on(ACTIONS.openTranscript, (record, target) =>
    roundObject(deps, record, target, {
      key: transcriptKey,
      ending: ".html",
      label: `The conversation about ${target.repository}`,
      missing: `There is no page of this conversation yet. ${NOT_YET}`,
    }),
  );
}
