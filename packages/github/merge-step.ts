import { because, type Reason } from "../jobs/reasons.ts";
import { nameOfAsk, type SetAsk } from "../jobs/set-ask.ts";
import type { MergeLook, MergeMethod } from "./merge-query.ts";

/** What GitHub has taken over: `auto-merge` merges once it may, a `queued` one when its turn comes. */
type TakenOver = "auto-merge" | "queued";

export type MergeStep =
  | { do: "done" }
  | { do: "lapse"; reason: Reason; undo?: TakenOver }
  | { do: "merge"; methods: MergeMethod[] }
  /** Without a method the queue's own counts. */
  | { do: "auto-merge"; method?: MergeMethod }
  | { do: "enqueue" }
  /** It would be merged although a check is not green: its auto-merge is switched off, and it waits. */
  | { do: "take-back" }
  /** `soon`: GitHub is still working it out. */
  | { do: "wait"; state: "waiting" | TakenOver; soon?: true };

export type Merging = {
  lapse?: Reason | undefined;
  ours: string | undefined;
  /** The branch that it was opened for. `isGone`: GitHub has none of that name, nor of a later one. */
  base?: { name: string; isGone?: boolean } | undefined;
  /** All of its checks have ended, and passed. Without any more may come: it is merged once nothing is in its way. */
  isGreen?: boolean;
};

/**
 * Pure: what to do about a merge that was asked for. Only the pinned commit is merged, and only where GitHub says that
 * nothing is in its way. `lapse`: it is not wanted any more. `ours`: the login that acts here. GitHub's auto-merge waits
 * only for the checks that a rule asks for: it gets what all checks have passed, and loses it when one of them does not.
 */
export function mergeStep(look: MergeLook, ask: SetAsk, { lapse, ours, base, isGreen = false }: Merging): MergeStep {
  const name = nameOfAsk(ask);
  if (look.state === "MERGED") return { do: "done" };
  if (look.state === "CLOSED") return { do: "lapse", reason: lapse ?? whyClosed(look, name) };
  const state = takenOver(look);
  const isByUs = isOurs(look, ask, ours);
  const undo = state && (isByUs || ask.stop !== undefined) ? { undo: state } : {};
  if (lapse) return { do: "lapse", reason: lapse, ...undo };
  if (look.headRefOid !== ask.head) return { do: "lapse", reason: because("merge-moved", name), ...undo };
  if (base?.isGone)
    return { do: "lapse", reason: because("merge-base-gone", name, base.name, look.baseRefName), ...undo };
  if (base !== undefined && look.baseRefName !== base.name)
    return { do: "lapse", reason: because("merge-other-base", name, look.baseRefName, base.name), ...undo };
  if (look.mergeable === "CONFLICTING") return { do: "lapse", reason: because("merge-conflicts", name), ...undo };
  if (state === "auto-merge" && isByUs && !isGreen) return { do: "take-back" };
  if (state) return { do: "wait", state };
  if (ask.state === "queued" || ask.state === "auto-merge")
    // A person took it back, or checks of the queue failed: to hand it over again would go round that.
    return look.mergeStateStatus === "UNKNOWN"
      ? { do: "wait", state: ask.state, soon: true }
      : { do: "lapse", reason: because("merge-let-go", name) };
  if (look.isDraft) return { do: "wait", state: "waiting" };
  switch (look.mergeStateStatus) {
    case "CLEAN":
    case "HAS_HOOKS":
      return look.isMergeQueueEnabled ? { do: "enqueue" } : { do: "merge", methods: methodsOf(look) };
    case "BLOCKED":
    case "BEHIND":
      if (!isGreen) return { do: "wait", state: "waiting" };
      if (look.isMergeQueueEnabled) return { do: "auto-merge" };
      if (!look.repository.autoMergeAllowed) return { do: "wait", state: "waiting" };
      return { do: "auto-merge", method: methodsOf(look)[0]! };
    case "UNKNOWN":
      return { do: "wait", state: "waiting", soon: true };
    default:
      return { do: "wait", state: "waiting" };
  }
}

/** GitHub closes what goes into a branch that is deleted. */
const whyClosed = ({ baseRef, baseRefName }: MergeLook, name: string): Reason =>
  baseRef === null ? because("merge-closed-base", name, baseRefName) : because("merge-closed", name);

function takenOver({ isInMergeQueue, autoMergeRequest }: MergeLook): TakenOver | undefined {
  if (isInMergeQueue) return "queued";
  return autoMergeRequest ? "auto-merge" : undefined;
}

/** What another person has set on GitHub stays as it is. An App is named without its suffix there. */
const isOurs = ({ autoMergeRequest }: MergeLook, { state }: SetAsk, ours: string | undefined) =>
  state === "queued" || (ours !== undefined && autoMergeRequest?.enabledBy?.login === ours.replace(/\[bot\]$/, ""));

/** What the repository allows, first what its own button would do. */
function methodsOf({ repository: settings }: MergeLook): MergeMethod[] {
  const allowed: MergeMethod[] = [
    ...(settings.mergeCommitAllowed ? (["MERGE"] as const) : []),
    ...(settings.squashMergeAllowed ? (["SQUASH"] as const) : []),
    ...(settings.rebaseMergeAllowed ? (["REBASE"] as const) : []),
  ];
  const own = settings.viewerDefaultMergeMethod;
  return allowed.includes(own) ? [own, ...allowed.filter((one) => one !== own)] : allowed;
}
