import type { JobRecord } from "../jobs/job-record.ts";
import type { Reason } from "../jobs/reasons.ts";
import { hasAskEnded, type SetAsk } from "../jobs/set-ask.ts";
import { dueAsk, rowStanding } from "./due-ask.ts";

type Progress = Partial<Pick<SetAsk, "state" | "reason" | "said" | "revert">>;
/** `soon`: the next pass looks again, whatever the rows say. */
type Outcome = Progress & { soon?: true };

export type WorkOnSetsDeps = {
  /** In pages, oldest first. */
  openAsks(): AsyncIterable<SetAsk[]>;
  readJob(jobId: string): Promise<JobRecord | undefined>;
  keepAsk(ask: SetAsk, changes: Progress & Pick<Partial<SetAsk>, "tried">): Promise<void>;
  /** Its watcher looks at it soon. */
  lookSoon(of: SetAsk): Promise<void>;
  /** On GitHub, with the rights of Publish. What it throws is tried again by a later pass. */
  act(ask: SetAsk, record: JobRecord, lapse: Reason | undefined): Promise<Outcome>;
  now(): Date;
  /** No more is begun. */
  isOver(): boolean;
  log(line: string): void;
};

export type SetsResult = { acted: number; ended: number; failed: number };

/**
 * Every minute: does what people asked for pull requests of their jobs, as far as it is due. Each step may be done
 * twice, so a pass that dies, or two at once, do no harm. What GitHub does not answer stays due.
 */
export async function workOnSets(deps: WorkOnSetsDeps): Promise<SetsResult> {
  const result: SetsResult = { acted: 0, ended: 0, failed: 0 };
  for await (const page of deps.openAsks())
    for (const [jobId, asks] of Map.groupBy(page, (ask) => ask.jobId)) {
      if (deps.isOver()) return result;
      try {
        const record = await deps.readJob(jobId);
        if (record) await workOnJob(deps, record, asks, result);
      } catch (error) {
        result.failed += 1;
        deps.log(`what is asked for in ${jobId} is looked at again: ${error}`);
      }
    }
  return result;
}

/** Those that others wait for come first: a merge lets the next one of its order go on in the same pass. */
async function workOnJob(deps: WorkOnSetsDeps, record: JobRecord, asks: readonly SetAsk[], result: SetsResult) {
  let known = record;
  for (const ask of asks.toSorted((a, b) => a.after.length - b.after.length)) {
    if (deps.isOver()) return;
    const now = deps.now();
    const due = dueAsk(known, ask, now.getTime());
    if (due.do === "wait") continue;
    const run = known.runs.find(({ repository }) => repository === ask.repository);
    try {
      const { soon, ...outcome } = await deps.act(ask, known, due.lapse);
      result.acted += 1;
      const next: SetAsk = { ...ask, ...outcome };
      if (hasAskEnded(next)) result.ended += 1;
      const tried = soon ? undefined : { at: now.toISOString(), standing: rowStanding(run) };
      await deps.keepAsk(ask, { ...outcome, tried });
      if (ask.tried === undefined || hasAskEnded(next)) await deps.lookSoon(ask);
      const endedAt = hasAskEnded(next) ? { endedAt: now.toISOString() } : {};
      known = { ...known, asks: (known.asks ?? []).map((one) => (isSame(one, ask) ? { ...next, ...endedAt } : one)) };
    } catch (error) {
      result.failed += 1;
      deps.log(`${ask.kind} of ${ask.repository}#${ask.number} in ${ask.jobId} is tried again: ${error}`);
    }
  }
}

const isSame = (one: SetAsk, other: SetAsk) => one.kind === other.kind && one.repository === other.repository;
