import type { App } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import { cancelOf } from "../../packages/jobs/job.ts";
import { hasStopped, latestRound } from "../../packages/jobs/offers.ts";
import { ACTIONS, parsePlace } from "../../packages/views/actions.ts";
import { mustBeAllowedToDecide, readOwnJob, STALE, targetOf } from "../access.ts";
import { audited } from "../audit.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { onButton } from "../listen.ts";
import { showAgain } from "./shown-again.ts";

/** A flag on the job's row: runners read it before every turn. Pressing it again changes nothing. */
export const cancel = (deps: SlackDeps, who: Who, target: { jobId: string; place?: number }): Promise<undefined> =>
  audited(deps, who, { action: "cancel", jobId: target.jobId }, () => requestCancel(deps, who, target));

async function requestCancel(deps: SlackDeps, who: Who, target: { jobId: string; place?: number }): Promise<undefined> {
  const record = await readOwnJob(deps, target.jobId, who);
  const { job } = record;
  mustBeAllowedToDecide(job, who, deps.settings);
  const what = target.place === undefined ? "*" : job.repositories[target.place];
  if (what === undefined) throw new UserError(STALE);
  const round = latestRound(record.rounds);
  if (cancelOf(job, what, round))
    throw new UserError("That is being cancelled already; its card shows when it has stopped.");
  if (hasStopped(record, what)) throw new UserError("Nothing of that runs any more; what has ended stays as it is.");
  await deps.store.requestCancel(job.jobId, what, { by: who.userId, round });
}

export function listenToCancel(app: App, deps: SlackDeps): void {
  const after = showAgain(deps);
  onButton(app, ACTIONS.cancel, ({ value, who }) => cancel(deps, who, { jobId: targetOf(value).jobId }), after);
  onButton(
    app,
    ACTIONS.cancelOne,
    async ({ value, who }) => {
      const target = parsePlace(value);
      if (!target) throw new UserError(STALE);
      return cancel(deps, who, target);
    },
    after,
  );
}
