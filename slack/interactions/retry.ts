import type { App } from "@slack/bolt";
import { ACTIONS } from "../../packages/views/actions.ts";
import { targetOf } from "../access.ts";
import { askForRound } from "../ask-round.ts";
import type { SlackDeps } from "../deps.ts";
import { onButton } from "../listen.ts";

export function listenToRetry(app: App, deps: SlackDeps): void {
  onButton(app, ACTIONS.retry, async ({ value, who }) => {
    await askForRound(deps, targetOf(value).jobId, who, "retry", () => ({ kind: "retry" }));
    return undefined;
  });
}
