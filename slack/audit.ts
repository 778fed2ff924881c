import { UserError } from "../packages/jobs/errors.ts";
import type { AuditAction, AuditEntry } from "../packages/jobs/team.ts";
import { clip } from "../packages/text/cut.ts";
import type { SlackDeps, Who } from "./deps.ts";

type AuditDeps = Pick<SlackDeps, "now" | "log"> & { store: Pick<SlackDeps["store"], "recordAudit"> };
export type Facts = Pick<AuditEntry, "jobId" | "repositories" | "round" | "sentence">;

/**
 * One row, after the ack where there is one. The decision itself stands in the job's own rows already: when this one
 * cannot be written that is logged, and the person is not told that nothing happened.
 */
export async function keepAudit(
  deps: AuditDeps,
  { teamId, userId, afterAck }: Who,
  entry: Pick<AuditEntry, "action" | "result"> & Facts,
): Promise<void> {
  const row: AuditEntry = { ...entry, teamId, by: userId, at: deps.now().toISOString() };
  const write = () =>
    deps.store.recordAudit(row).catch((error: unknown) => {
      deps.log(`audit: ${row.result} ${row.action} of ${row.jobId ?? teamId} by ${userId} was not kept: ${error}`);
    });
  if (afterAck) afterAck(write);
  else await write();
}

/** Without the job when there is none of this workspace: then it stands with the workspace's own. */
export function keepRefusal(
  deps: AuditDeps,
  who: Who,
  { jobId, ...what }: { action: AuditAction } & Facts,
  { name, message }: UserError,
): Promise<void> {
  const ofJob = jobId !== undefined && name !== "NoSuchJob" ? { jobId } : {};
  return keepAudit(deps, who, { ...what, ...ofJob, result: "refused", sentence: clip(message, 1_000) });
}

/** For a check that decides nothing yet: only its refusal is kept. */
export async function keepingRefusals(
  deps: AuditDeps,
  who: Who,
  what: { action: AuditAction } & Facts,
  check: () => void,
): Promise<void> {
  try {
    check();
  } catch (error) {
    if (error instanceof UserError) await keepRefusal(deps, who, what, error);
    throw error;
  }
}

/** Runs a decision and keeps what came of it: done, or refused with a sentence. Failures of ours are neither. */
export async function audited<Result>(
  deps: AuditDeps,
  who: Who,
  what: { action: AuditAction } & Facts,
  decide: () => Promise<Result>,
  factsOf: (result: Result) => Facts = () => ({}),
): Promise<Result> {
  try {
    const result = await decide();
    await keepAudit(deps, who, { ...what, result: "done", ...factsOf(result) });
    return result;
  } catch (error) {
    if (error instanceof UserError) await keepRefusal(deps, who, what, error);
    throw error;
  }
}
