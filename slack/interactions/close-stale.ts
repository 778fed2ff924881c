import type { App } from "@slack/bolt";
import { ACTIONS } from "../../packages/views/actions.ts";
import { targetOf } from "../access.ts";
import { askForRound, mustBeOfRound } from "../ask-round.ts";
import type { SlackDeps } from "../deps.ts";
import { onButton } from "../listen.ts";

/** A pull request that a later round made needless. The Slack app cannot write to GitHub: a round closes it. */
export function listenToCloseStale(app: App, deps: SlackDeps): void {
  onButton(app, ACTIONS.closePullRequest, async ({ value, who }) => {
    const target = targetOf(value);
    await askForRound(deps, target.jobId, who, "close", (record) => ({
      kind: "close",
      repositories: [mustBeOfRound(record, target).repository],
    }));
    return undefined;
  });
}
