import { z } from "zod";
import { because } from "../jobs/reasons.ts";
import { nameOfAsk, type SetAsk } from "../jobs/set-ask.ts";
import { clip } from "../text/cut.ts";
import type { GitHub } from "./client.ts";
import { isRateLimit, isTemporary, saidBy, statusOf } from "./errors.ts";
import { askKnown } from "./known-fields.ts";
import {
  DEQUEUE,
  DISABLE_AUTO_MERGE,
  ENABLE_AUTO_MERGE,
  ENQUEUE,
  MERGE_LOOK_ASKED,
  MergeLook,
  type MergeMethod,
} from "./merge-query.ts";
import { type MergeStep, type Merging, mergeStep } from "./merge-step.ts";
import { QueryErrors } from "./pull-request-query.ts";
import { branchNow, ownerAndRepo } from "./repositories.ts";
import { mayPush } from "./rights.ts";

/** How far an ask has come by one pass. `soon`: the next pass looks again, whatever the rows say. */
export type AskOutcome = Partial<Pick<SetAsk, "state" | "reason" | "said" | "revert">> & { soon?: true };

/** The next pass tries again, and looks first. */
const NO_RETRIES = { request: { retries: 0 } };

/**
 * `base`: the branch that it was opened for. `wasGreen`: all checks had passed when they were looked at last. It counts
 * where the token that merges may not see them.
 */
type Acting = Pick<Merging, "lapse" | "ours"> & {
  base?: string | undefined;
  wasGreen?: boolean | undefined;
  github: GitHub;
};

/**
 * Looks at the pull request and does the one step that is due. What it throws may pass by itself. GitHub merges the
 * pinned commit or nothing, so that the same step may be done twice: a merge that happened is seen by the next look.
 */
export async function mergeAsked(ask: SetAsk, acting: Acting): Promise<AskOutcome> {
  const seen = await lookAt(acting.github, ask);
  if (!seen) return { state: "lapsed", reason: because("merge-gone", nameOfAsk(ask)) };
  const { lapse, ours, wasGreen } = acting;
  const base = acting.base === undefined ? undefined : await baseNow(acting.github, ask, acting.base, seen.look);
  const stepAfter = ({ look, isGreen = wasGreen ?? false }: Seen) =>
    mergeStep(look, ask, { lapse, ours, base, isGreen });
  const step = stepAfter(seen);
  const isAct = step.do === "merge" || step.do === "auto-merge" || step.do === "enqueue";
  if (isAct && ask.login !== undefined && !(await mayPush(acting.github, ask.repository, ask.login)))
    return { state: "lapsed", reason: because("merge-rights", nameOfAsk(ask), ask.login) };
  const tried = await act(acting.github, ask, step);
  if (tried.kind === "outcome") return tried.outcome;
  // GitHub said no: what became of it meanwhile explains most of that.
  const after = await lookAt(acting.github, ask);
  const next = after && stepAfter(after);
  if (!next) return { state: "lapsed", reason: because("merge-gone", nameOfAsk(ask)) };
  if (next.do === "done" || next.do === "lapse" || (next.do === "wait" && next.state !== "waiting")) {
    const settled = await act(acting.github, ask, next);
    if (settled.kind === "outcome") return settled.outcome;
  }
  if (tried.isForGood) return { state: "lapsed", reason: because("merge-refused", nameOfAsk(ask), tried.said) };
  return { state: "waiting", said: clip(tried.said, 300) };
}

type Tried = { kind: "outcome"; outcome: AskOutcome } | { kind: "refused"; said: string; isForGood: boolean };
const outcome = (one: AskOutcome): Tried => ({ kind: "outcome", outcome: one });

async function act(github: GitHub, ask: SetAsk, step: MergeStep): Promise<Tried> {
  switch (step.do) {
    case "done":
      return outcome({ state: "done", said: undefined });
    case "wait":
      return outcome({ state: step.state, ...(step.soon && { soon: true }) });
    case "lapse": {
      if (step.undo) {
        const undone = await mutate(github, step.undo === "queued" ? DEQUEUE : DISABLE_AUTO_MERGE, { id: ask.nodeId });
        if (undone.kind === "refused") return undone;
      }
      return outcome({ state: "lapsed", reason: step.reason });
    }
    case "take-back": {
      // Where the answer is lost it waits all the same: the next pass takes back what is still there, and does not take
      // what is gone for a person's doing.
      const lost = () => outcome({ soon: true });
      const done = await mutate(github, DISABLE_AUTO_MERGE, { id: ask.nodeId }).catch(lost);
      return done.kind === "refused" ? done : outcome({ ...done.outcome, state: "waiting", said: undefined });
    }
    case "enqueue": {
      const done = await mutate(github, ENQUEUE, { id: ask.nodeId, head: ask.head });
      return done.kind === "refused" ? done : outcome({ state: "queued", said: undefined });
    }
    case "auto-merge": {
      const variables = { id: ask.nodeId, head: ask.head, ...(step.method && { way: step.method }) };
      const done = await mutate(github, ENABLE_AUTO_MERGE, variables);
      return done.kind === "refused" ? done : outcome({ state: "auto-merge", said: undefined });
    }
    case "merge":
      return mergeBy(github, ask, step.methods);
  }
}

const MergeAnswer = z.object({ node: z.unknown() });

/** `isGreen` undefined: the token may not see the checks. */
type Seen = { look: MergeLook; isGreen?: boolean | undefined };

async function lookAt(github: GitHub, { nodeId }: SetAsk): Promise<Seen | undefined> {
  try {
    const { node } = MergeAnswer.parse(await askKnown(github, MERGE_LOOK_ASKED, { id: nodeId, ...NO_RETRIES }));
    const look = node === null ? undefined : MergeLook.parse(node);
    return look && { look, isGreen: look.statusCheckRollup?.state === "SUCCESS" };
  } catch (error) {
    const errors = errorsIn(error);
    if (errors.some(({ type }) => type === "NOT_FOUND")) return undefined;
    const { node } = (error as { data?: { node?: unknown } | null }).data ?? {};
    const onlyHidesChecks = errors.length > 0 && errors.every(({ path }) => path?.includes("statusCheckRollup"));
    if (!onlyHidesChecks) throw error;
    return { look: MergeLook.parse(node) };
  }
}

async function baseNow(github: GitHub, { repository }: SetAsk, name: string, look: MergeLook) {
  if (look.state !== "OPEN" || look.baseRefName === name) return { name };
  const now = await branchNow(github, repository, name);
  return now === undefined ? { name, isGone: true } : { name: now };
}

const errorsIn = (error: unknown) => QueryErrors.catch([]).parse((error as { errors?: unknown } | undefined)?.errors);

/** A mutation's errors are sentences; anything else of it may pass. */
async function mutate(github: GitHub, mutation: string, variables: Record<string, string>): Promise<Tried> {
  try {
    await github.graphql(mutation, { ...variables, ...NO_RETRIES });
    return outcome({});
  } catch (error) {
    const errors = errorsIn(error);
    if (errors.length === 0) return refusalOf(error);
    if (errors.some(({ type }) => type === "RATE_LIMITED")) throw error;
    const said = errors.map(({ message }) => message).join(" ");
    return { kind: "refused", said, isForGood: errors.some(({ type }) => type === "FORBIDDEN") };
  }
}

/** GitHub's own rules for the base may allow fewer ways than the repository's settings: the next one is tried then. */
async function mergeBy(github: GitHub, ask: SetAsk, [method, ...others]: MergeMethod[]): Promise<Tried> {
  if (!method) return { kind: "refused", said: "the repository allows no way to merge", isForGood: true };
  try {
    await github.rest.pulls.merge({
      ...ownerAndRepo(ask.repository),
      pull_number: ask.number,
      sha: ask.head,
      merge_method: METHODS[method],
      ...NO_RETRIES,
    });
    return outcome({ state: "done", said: undefined });
  } catch (error) {
    const refused = refusalOf(error);
    const isWay =
      refused.kind === "refused" && /\b(?:not allowed|must not contain merge commits)\b/i.test(refused.said);
    return isWay && others.length > 0 ? mergeBy(github, ask, others) : refused;
  }
}

const METHODS = { MERGE: "merge", SQUASH: "squash", REBASE: "rebase" } as const;

/** @throws what may pass by itself */
function refusalOf(error: unknown): Tried {
  const status = statusOf(error);
  if (status === undefined || isTemporary(error) || isRateLimit(error)) throw error;
  return { kind: "refused", said: saidBy(error), isForGood: [401, 403, 404, 451].includes(status) };
}
