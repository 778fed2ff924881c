import type { App } from "@slack/bolt";
import { latestRound } from "../../packages/jobs/next-round.ts";
import { UserError } from "../../packages/jobs/user-error.ts";
import { ACTIONS, parsePlace } from "../../packages/notify/actions.ts";
import { mustBeAllowedToDecide, readOwnJob, STALE, targetOf } from "../access.ts";
import { audited } from "../audit.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { onButton } from "../listen.ts";

/** A flag on the job's row: runners read it before every turn. Pressing it again changes nothing. */
export const cancel = (deps: SlackDeps, who: Who, target: { jobId: string; place?: number }): Promise<undefined> =>
  audited(deps, who, { action: "cancel", jobId: target.jobId }, () => requestCancel(deps, who, target));

async function requestCancel(deps: SlackDeps, who: Who, target: { jobId: string; place?: number }): Promise<undefined> {
  const { job, rounds } = await readOwnJob(deps, target.jobId, who);
  mustBeAllowedToDecide(job, who, deps.settings);
  const what = target.place === undefined ? "*" : job.repositories[target.place];
  if (what === undefined) throw new UserError(STALE);
  await deps.store.requestCancel(job.jobId, what, { by: who.userId, round: latestRound(rounds) });
}

export function listenToCancel(app: App, deps: SlackDeps): void {
  onButton(app, ACTIONS.cancel, ({ value, who }) => cancel(deps, who, { jobId: targetOf(value).jobId }));
  onButton(app, ACTIONS.cancelOne, async ({ value, who }) => {
    const target = parsePlace(value);
    if (!target) throw new UserError(STALE);
    return cancel(deps, who, target);
  });
}
