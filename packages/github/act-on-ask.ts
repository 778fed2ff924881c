import type { JobRecord } from "../jobs/job-record.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import { nameOfAsk, type SetAsk } from "../jobs/set-ask.ts";
import { appRefusalOf } from "./app.ts";
import { closeAsked } from "./close-asked.ts";
import { statusOf } from "./errors.ts";
import { type AskOutcome, mergeAsked } from "./merge-asked.ts";
import type { openPublishAccess } from "./publish-access.ts";

type Deps = { access: ReturnType<typeof openPublishAccess>; lapse: Reason | undefined };

/** One step of what a person asked for. What it throws may pass by itself. */
export async function actOnAsk(ask: SetAsk, { job, runs }: JobRecord, { access, lapse }: Deps): Promise<AskOutcome> {
  const run = runs.find(({ repository }) => repository === ask.repository);
  const acting = await access(ask.repository, { mayChangeCi: job.options.mayChangeCi }).catch((error: unknown) => {
    const reason = statusOf(error) === undefined ? undefined : appRefusalOf(error, ask.repository);
    if (!reason) throw error;
    return reason;
  });
  if ("code" in acting) return { state: "lapsed", reason: acting };
  switch (ask.kind) {
    case "merge":
      return mergeAsked(ask, { ...acting, lapse });
    case "close":
      return closeAsked(acting.github, ask, { namesPeople: run?.isPrivate ?? false });
    case "revert":
      return { state: "lapsed", reason: because("revert-unknown", nameOfAsk(ask)) };
  }
}
