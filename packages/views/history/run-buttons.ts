import type { types } from "@slack/bolt";
import type { JobRecord } from "../../jobs/job-record.ts";
import { offers } from "../../jobs/offers.ts";
import type { RepoRun } from "../../jobs/repo-run.ts";
import { ROUNDS, type Round } from "../../jobs/round.ts";
import { ACTIONS, targetValue } from "../actions.ts";
import { button } from "../button.ts";
import { decisionButtons, reviewButton } from "../section.ts";
import { actions, lookButton } from "./blocks.ts";

/** Rounds of a repository that asked the model, oldest first: those that can have a conversation. */
export const roundsWithTurns = ({ rounds }: Pick<JobRecord, "rounds">, repository: string): Round[] =>
  rounds
    .filter((round) => ROUNDS[round.kind].asksModel && round.repositories.includes(repository))
    .toSorted((a, b) => a.round - b.round);

/** Where it waits, the decision; else a look at what it changed, and what its pull request asks for. */
export const runDecisions = (record: JobRecord, run: RepoRun): types.Button[] => {
  const { rounds } = offers(record);
  if (rounds.publish.includes(run)) return [reviewButton(run), ...decisionButtons(run)];
  const { jobId, repository, round } = run;
  return [
    ...(run.patch ? [reviewButton(run, "See the change")] : []),
    ...(rounds["fix-checks"].includes(run)
      ? [button("Fix CI", ACTIONS.fixChecks, targetValue({ jobId, repository, round }))]
      : []),
    ...(rounds["answer-review"].includes(run)
      ? [button("Answer review", ACTIONS.answerReview, targetValue({ jobId, repository, round }))]
      : []),
  ];
};

/** Its conversation, pull request and patches. `earlier`: rounds that left an older patch. */
export function runLinks(record: JobRecord, run: RepoRun, earlier: readonly number[]): types.ActionsBlock[] {
  const { jobId, repository } = run;
  const rounds = roundsWithTurns(record, repository);
  const newest = rounds.at(-1);
  const ofRound = (round: number) => targetValue({ jobId, repository, round });
  const conversation = { kind: "conversation" as const, jobId, repository, round: newest?.round ?? 1, turn: 1 };
  return [
    ...actions(
      newest && run.turns > 0
        ? [
            lookButton("Read the conversation", "simple", { ...conversation, style: "simple" }, { style: "primary" }),
            lookButton("Technical view", "technical", { ...conversation, style: "technical" }),
            button("As a page", ACTIONS.openTranscript, ofRound(newest.round)),
            button("As JSON", ACTIONS.downloadConversation, ofRound(newest.round)),
          ]
        : [],
    ),
    ...actions([
      ...(run.pullRequest
        ? [
            button(
              `Open PR #${run.pullRequest.number}`,
              ACTIONS.openPullRequest,
              targetValue({ jobId, repository, round: run.round }),
              { url: run.pullRequest.url },
            ),
          ]
        : []),
      ...(run.patch ? [button("Download patch", ACTIONS.downloadPatch, ofRound(run.round))] : []),
      ...earlier.map((round) => button(`Patch of round ${round}`, `${ACTIONS.downloadPatch}-${round}`, ofRound(round))),
      lookButton("Earlier jobs here", "repository", { kind: "repository", repository }),
      lookButton("Whole job", "job", { kind: "job", jobId }),
    ]),
  ];
}
