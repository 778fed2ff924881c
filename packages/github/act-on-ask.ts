import type { Clock } from "../clock/clock.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { followedStatusOf } from "../jobs/run-pull-request.ts";
import { nameOfAsk, type SetAsk } from "../jobs/set-ask.ts";
import { appRefusalOf } from "./app.ts";
import { closeAsked } from "./close-asked.ts";
import { statusOf } from "./errors.ts";
import { type AskOutcome, mergeAsked } from "./merge-asked.ts";
import type { openPublishAccess } from "./publish-access.ts";
import { isPrivateNow } from "./repositories.ts";
import { revertAsked } from "./revert-asked.ts";
import { mayPush } from "./rights.ts";

type Deps = { access: ReturnType<typeof openPublishAccess>; lapse: Reason | undefined; clock: Pick<Clock, "sleep"> };

/** One step of what a person asked for. What it throws may pass by itself. */
export async function actOnAsk(
  ask: SetAsk,
  { job, runs, asks = [] }: JobRecord,
  { access, lapse, clock }: Deps,
): Promise<AskOutcome> {
  const run = runs.find(({ repository }) => repository === ask.repository);
  const acting = await access(ask.repository, { mayChangeCi: job.options.mayChangeCi }).catch((error: unknown) => {
    const reason = statusOf(error) === undefined ? undefined : appRefusalOf(error, ask.repository);
    if (!reason) throw error;
    return reason;
  });
  if ("code" in acting) return { state: "lapsed", reason: acting };
  if (ask.kind === "merge")
    return mergeAsked(ask, { ...acting, lapse, base: run?.baseBranch, wasGreen: run && arePassed(run, ask) });
  if (ask.login !== undefined && !(await mayPush(acting.github, ask.repository, ask.login)))
    return { state: "lapsed", reason: because("ask-rights", nameOfAsk(ask), ask.login) };
  const namesPeople = run?.isPrivate === true && (await isPrivateNow(acting.github, ask.repository).catch(() => false));
  return ask.kind === "close"
    ? closeAsked(acting.github, ask, { namesPeople })
    : revertAsked(ask, { ...acting, namesPeople, place: placeOf(ask, asks), clock });
}

function arePassed(run: RepoRun, { head }: SetAsk): boolean {
  const status = followedStatusOf(run);
  return status?.checks === "passed" && !status.checksRunning && status.head === head;
}

/** Among those that were asked for with it. */
function placeOf({ after, at, by }: SetAsk, asks: readonly SetAsk[]) {
  const together = asks.filter((one) => one.kind === "revert" && one.at === at && one.by === by);
  return { nth: after.length + 1, of: Math.max(together.length, after.length + 1) };
}
