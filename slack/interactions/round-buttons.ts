import type { App } from "@slack/bolt";
import { ACTIONS } from "../../packages/views/actions.ts";
import { targetOf } from "../access.ts";
import { askForRound, mustBeOfRound } from "../ask-round.ts";
import type { SlackDeps } from "../deps.ts";
import { onButton } from "../listen.ts";
import { showAgain } from "./shown-again.ts";

/**
 * Buttons that ask for a round and need no other word: it takes what the job offers, everywhere or in the one
 * repository of the button (`either`: what the button names). Slack's side cannot write to GitHub: a round does.
 */
const ROUND_BUTTONS = [
  { action: ACTIONS.retry, kind: "retry", about: "job" },
  { action: ACTIONS.despiteSetup, kind: "despite-setup", about: "job" },
  { action: ACTIONS.fixChecks, kind: "fix-checks", about: "either" },
  { action: ACTIONS.answerReview, kind: "answer-review", about: "either" },
  { action: ACTIONS.closePullRequest, kind: "close", about: "repository" },
] as const;

export function listenToRoundButtons(app: App, deps: SlackDeps): void {
  for (const { action, kind, about } of ROUND_BUTTONS)
    onButton(
      app,
      action,
      async ({ value, who }) => {
        const target = targetOf(value);
        await askForRound(deps, target.jobId, who, kind, (record) => ({
          kind,
          ...((about === "repository" || (about === "either" && target.repository !== undefined)) && {
            repositories: [mustBeOfRound(record, target).repository],
          }),
        }));
        return undefined;
      },
      showAgain(deps),
    );
}
