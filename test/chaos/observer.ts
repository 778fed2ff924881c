import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { Round } from "../../packages/jobs/round.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import type { Forge } from "../../packages/stand-ins/forge/forge.ts";
import type { SlackWorkspace } from "../../packages/stand-ins/slack/workspace.ts";
import type { Artifacts } from "../../packages/store/artifacts.ts";
import { patchKey } from "../../packages/store/keys.ts";
import { renderCard } from "../../packages/views/card.ts";
import { isTakenOver } from "./checks.ts";
import type { JobEvidence } from "./evidence.ts";
import { treeOfPatch } from "./patch-trees.ts";
import { REPOSITORIES } from "./schedule.ts";

/** Text and blocks, without the ids that Slack gives to what has none. */
const written = ({ text, blocks }: { text: string; blocks?: unknown }) =>
  JSON.stringify([text, blocks], (key, value) => (key === "block_id" || key === "action_id" ? undefined : value));

/** Looks at a job as people do: its messages in Slack, its pull requests, its patches as plain git takes them. */
export function createObserver(deps: { workspace: SlackWorkspace; forge: Forge; artifacts: Artifacts }) {
  const { workspace, forge, artifacts } = deps;
  const ofKind = (kind: string, jobId: string) =>
    workspace
      .channels()
      .flatMap(({ id }) => workspace.messages(id))
      .filter(({ metadata }) => metadata?.event_type === kind && metadata.event_payload.job_id === jobId);

  const isClosed = ({ job }: JobRecord, { round }: Round) =>
    ofKind("cody_closing", job.jobId).some(({ metadata }) => metadata?.event_payload.round === round);
  /** Each round has its closing reply, or a later one took it over. */
  const isAnswered = (record: JobRecord) =>
    record.rounds.every((round) => isClosed(record, round) || isTakenOver(record, round));
  const isDone = (record: JobRecord) =>
    allAtRest(record) &&
    record.runs.every(({ state }) => state !== "awaiting-approval") &&
    isAnswered(record) &&
    isShown(record);

  const isShown = (record: JobRecord) => {
    const [card] = ofKind("cody_card", record.job.jobId);
    return card !== undefined && written(card) === written(renderCard(record));
  };

  const git = async (name: string, ...args: string[]) =>
    (await promisify(execFile)("git", ["-C", forge.admin.gitFolder(name), ...args])).stdout.trim();

  async function patchesOf({ job, runs }: JobRecord): Promise<JobEvidence["patches"]> {
    const patches: JobEvidence["patches"] = [];
    for (const { repository, round: latest, baseCommit } of runs)
      for (let round = 1; round <= latest; round++) {
        const patch = await artifacts.read(patchKey({ jobId: job.jobId, repository, round }));
        if (!patch || !baseCommit) continue;
        const treeId = await treeOfPatch(forge.admin.gitFolder(repository), baseCommit, patch).catch(String);
        patches.push({ repository, round, treeId });
      }
    return patches;
  }

  async function evidenceOf(record: JobRecord): Promise<JobEvidence> {
    const { jobId } = record.job;
    const pulls = REPOSITORIES.flatMap((name) => forge.admin.pullRequests(name).map((pull) => ({ name, pull })));
    const own = pulls.filter(({ pull }) => pull.headBranch.startsWith(`cody/${jobId}`));
    return {
      record,
      cards: ofKind("cody_card", jobId).length,
      cardIsRight: isShown(record),
      closings: ofKind("cody_closing", jobId).map(({ metadata }) => Number(metadata?.event_payload.round)),
      patches: await patchesOf(record),
      pullRequests: await Promise.all(
        own.map(async ({ name, pull }) => ({
          repository: name,
          number: pull.number,
          treeId: await git(name, "rev-parse", `refs/heads/${pull.headBranch}^{tree}`),
          body: `${pull.title}\n${pull.body ?? ""}`,
        })),
      ),
    };
  }

  return { ofKind, isAnswered, isDone, evidenceOf };
}
