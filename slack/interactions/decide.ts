import type { App } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import { offers } from "../../packages/jobs/offers.ts";
import { because } from "../../packages/jobs/reasons.ts";
import { ACTIONS, type Target } from "../../packages/views/actions.ts";
import { mustBeAllowedToDecide, readOwnJob, targetOf } from "../access.ts";
import { askForRound, mustBeOfRound } from "../ask-round.ts";
import { audited } from "../audit.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { onButton } from "../listen.ts";
import { showAgain } from "./shown-again.ts";

const DECIDED = "That was already decided; look at the card.";

/** Approval is a round that goes straight to Publish. */
const approve = (deps: SlackDeps, who: Who, target: Target & { repository: string }) =>
  askForRound(deps, target.jobId, who, "approve", (record) => {
    mustBeOfRound(record, target);
    return { kind: "publish", repositories: [target.repository] };
  });

/** One conditional write on the repository's row: an approval that has begun to publish is not undone. */
async function reject(deps: SlackDeps, who: Who, target: Target & { repository: string }): Promise<void> {
  const record = await readOwnJob(deps, target.jobId, who);
  mustBeAllowedToDecide(record.job, who, deps.settings);
  const { round, repository } = mustBeOfRound(record, target);
  const isOffered = offers(record).rounds.publish.some((run) => run.repository === repository);
  const moved =
    isOffered &&
    (await deps.store.moveRun({ jobId: target.jobId, round, repository }, ["awaiting-approval"], {
      state: "cancelled",
      reason: because("rejected"),
      rejection: { by: who.userId, at: deps.now().toISOString() },
    }));
  if (!moved) throw new UserError(DECIDED);
}

export function listenToDecisions(app: App, deps: SlackDeps): void {
  const onOne = (
    actionId: string,
    decide: (deps: SlackDeps, who: Who, target: Target & { repository: string }) => Promise<unknown>,
  ) =>
    onButton(
      app,
      actionId,
      async ({ value, who }) => {
        const { repository, ...target } = targetOf(value);
        if (!repository) throw new UserError(DECIDED);
        await decide(deps, who, { ...target, repository });
        return undefined;
      },
      showAgain(deps),
    );
  onOne(ACTIONS.approve, approve);
  onOne(ACTIONS.reject, (_, who, target) =>
    audited(deps, who, { action: "reject", jobId: target.jobId, repositories: [target.repository] }, () =>
      reject(deps, who, target),
    ),
  );
  onButton(
    app,
    ACTIONS.approveAll,
    async ({ value, who }) => {
      await askForRound(deps, targetOf(value).jobId, who, "approve", () => ({ kind: "publish" }));
      return undefined;
    },
    showAgain(deps),
  );
}
