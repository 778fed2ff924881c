import { expect, test } from "vitest";
import type { Round } from "../../packages/jobs/round.ts";
import { askedFor } from "../../packages/publish/asked-for.ts";
import { AT, aPullRequest, aRecord, aStartedRun, JOB_ID } from "../builders.ts";

const round = (round: number, kind: Round["kind"], prompt?: string, repositories = ["acme/orders"]): Round => ({
  ...{ jobId: JOB_ID, round, kind, repositories, requestedBy: "U1", requestedAt: AT },
  ...(prompt !== undefined && { prompt }),
});
const rounds = [
  round(1, "first"),
  round(2, "refine", "And the changelog."),
  round(3, "refine", "Elsewhere.", ["acme/shop"]),
  round(4, "retry"),
  round(5, "refine", "And the docs."),
];

test("a pull request names all that was asked for on its repository, up to its round", () => {
  const run = aStartedRun({ repository: "acme/orders", round: 4 });
  const record = aRecord([run], {}, rounds);
  expect(askedFor(record, run)).toEqual([record.job.prompt, "And the changelog."]);
  const last = aStartedRun({ repository: "acme/orders", round: 5 });
  const inOrder = [record.job.prompt, "And the changelog.", "And the docs."];
  for (const found of [rounds, rounds.toReversed()])
    expect(askedFor(aRecord([last], {}, found), last)).toEqual(inOrder);
});

test("after a merge, what was asked for since", () => {
  const left = { round: 5, state: "merged" as const, pullRequest: aPullRequest("acme/orders", 1) };
  const run = aStartedRun({ repository: "acme/orders", round: 5, leftBehind: [left] });
  expect(askedFor(aRecord([run], {}, rounds), run)).toEqual(["And the docs."]);
});
