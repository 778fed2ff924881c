import type { App } from "@slack/bolt";
import { ACTIONS } from "../../packages/views/actions.ts";
import { targetOf } from "../access.ts";
import { askForRound } from "../ask-round.ts";
import type { SlackDeps } from "../deps.ts";
import { onButton } from "../listen.ts";

/** Only the failed ones; when none failed, those that were cancelled. What a person rejected stays rejected. */
export function listenToRetry(app: App, deps: SlackDeps): void {
  onButton(app, ACTIONS.retry, async ({ value, who }) => {
    await askForRound(deps, targetOf(value).jobId, who, "retry", ({ runs }) => {
      const failed = runs.filter(({ state }) => state === "failed");
      const stopped = runs.filter(({ state, reason }) => state === "cancelled" && reason?.code !== "rejected");
      const again = failed.length > 0 ? failed : stopped;
      return { kind: "retry", repositories: again.map(({ repository }) => repository) };
    });
    return undefined;
  });
}
