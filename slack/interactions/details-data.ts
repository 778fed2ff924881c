import type { types } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import { conversationView } from "../../packages/views/history/conversation-view.ts";
import { MAX_DECISIONS } from "../../packages/views/history/decisions.ts";
import { HISTORY_PAGE, historyView } from "../../packages/views/history/history-view.ts";
import { jobView } from "../../packages/views/history/job-view.ts";
import type { Place, Trail } from "../../packages/views/history/places.ts";
import { roundsWithTurns } from "../../packages/views/history/run-buttons.ts";
import { runView } from "../../packages/views/history/run-view.ts";
import { readOwnJob } from "../access.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { earlierPatches } from "../stored.ts";
import { readConversation } from "./conversation.ts";

async function readHistory(deps: SlackDeps, who: Who, place: Extract<Place, { kind: "repository" }>) {
  const { repository, after } = place;
  const of = { teamId: who.teamId, repository };
  const page = await deps.store.runsOfRepository(of, { limit: HISTORY_PAGE, after });
  const jobIds = page.items.map(({ jobId }) => jobId);
  const [found, links, readable] = await Promise.all([
    deps.store.jobsById(jobIds),
    deps.store.permalinksOf(jobIds),
    deps.readRights.readable(who),
  ]);
  const jobs = new Map(found.map((job) => [job.jobId, job]));
  const items = page.items.flatMap((run) => {
    const job = jobs.get(run.jobId);
    return job && readable(job) ? [{ run, job, permalink: links.get(job.jobId) }] : [];
  });
  return { repository, items, older: page.after };
}

async function showJob(deps: SlackDeps, who: Who, jobId: string, trail: Trail, notice: string | undefined) {
  const record = await readOwnJob(deps, jobId, who);
  return jobView(record, await deps.store.readAudit({ jobId }, { limit: MAX_DECISIONS }), trail, notice);
}

/** Reads what a place shows, for a person of the workspace that it belongs to. `notice`: what came of a press in it. */
export async function viewOf(deps: SlackDeps, who: Who, trail: Trail, notice?: string): Promise<types.ModalView> {
  const place = trail.at(-1)!;
  switch (place.kind) {
    case "job":
      return showJob(deps, who, place.jobId, trail, notice);
    case "run": {
      const record = await readOwnJob(deps, place.jobId, who);
      const run = record.runs.find(({ repository }) => repository === place.repository);
      if (!run) throw new UserError(`Job ${place.jobId} has not looked at ${place.repository} yet.`);
      const rounds = roundsWithTurns(record, place.repository);
      return runView(record, run, await earlierPatches(deps.artifacts, run, rounds), trail, notice);
    }
    case "repository":
      return historyView(await readHistory(deps, who, place), trail);
    case "conversation": {
      const page = await readConversation(deps, who, place);
      // Loaded for a conversation alone: encodings come with it.
      const { actionOf } = await import("../../packages/agent/tools/create-tools.ts");
      return conversationView(page, [...trail.slice(0, -1), page.place], actionOf);
    }
  }
}
