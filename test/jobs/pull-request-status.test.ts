import { describe, expect, it } from "vitest";
import { type PullRequestLook, type PullRequestStatus, statusAfter } from "../../packages/jobs/pull-request-status.ts";
import { aStatus } from "../builders.ts";

const seen = (changes: Partial<PullRequestStatus> = {}, conflicts?: boolean): PullRequestLook => {
  const { conflicts: _, gone: __, ...status } = aStatus(changes);
  return { kind: "seen", status, conflicts };
};

describe("how a pull request stands after a look", () => {
  const clean = aStatus({ conflicts: false });
  const conflicting = aStatus({ conflicts: true });
  it.each<[string, PullRequestStatus | undefined, PullRequestLook, PullRequestStatus | undefined]>([
    ["a first look is taken as it is", undefined, seen(), aStatus()],
    ["a merge that GitHub is working out is no conflict", clean, seen(), clean],
    ["and ends none", conflicting, seen({ head: "b" }), aStatus({ head: "b", conflicts: true })],
    ["a conflict is one once GitHub says it", clean, seen({}, true), conflicting],
    [
      "what is merged has no conflicts any more",
      conflicting,
      seen({ state: "merged", by: "ada" }),
      aStatus({ state: "merged", by: "ada" }),
    ],
    ["an answer that is missing changes nothing", conflicting, { kind: "unclear" }, conflicting],
    ["and is no first look", undefined, { kind: "unclear" }, undefined],
    ["one out of reach keeps what was known", clean, { kind: "gone" }, { ...clean, gone: true }],
    ["one that was never seen is not known", undefined, { kind: "gone" }, undefined],
    ["one that is back is there again", { ...clean, gone: true }, seen(), clean],
  ])("%s", (_, before, look, after) => {
    expect(statusAfter(before, look)).toEqual(after);
  });
});
