import { describe, expect, it } from "vitest";
import { besideBranch, branchName } from "../../packages/jobs/ids.ts";
import type { Job } from "../../packages/jobs/job.ts";
import type { LeftBehind } from "../../packages/jobs/pull-request.ts";
import { beganAnewIn, type RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound, type Round } from "../../packages/jobs/round.ts";
import { othersToAskAbout, repeatOf } from "../../packages/pipeline/repeats.ts";
import { alikeHere, findUnfinishedAlike, unfinished } from "../../packages/pipeline/unfinished-alike.ts";
import { conversationRounds } from "../../packages/store/records.ts";
import { byItselfWords, noticeWords } from "../../packages/views/sentences.ts";
import { attachmentsOf, followUpsSince, kindAbout, lastHeard, promptOf } from "../../packages/work/earlier.ts";
import { aNewJob, aPullRequest, aRunOf } from "../builders.ts";

const job = aNewJob({ prompt: "Raise log4j.", repositories: ["acme/orders"] });
const round = (number: number, kind: Round["kind"], prompt?: string): Round => ({
  ...firstRound(job),
  round: number,
  kind,
  ...(prompt && { prompt }),
});
const left = (number: number, state: LeftBehind["state"]): LeftBehind => ({
  round: number,
  state,
  pullRequest: aPullRequest("acme/orders", 12),
});

describe("a round after a merge", () => {
  const rounds = [
    round(1, "first"),
    round(2, "refine", "Also b."),
    round(3, "refine", "Also c."),
    round(4, "refine", "Also d."),
  ];
  const chain = (number: number, leftBehind: LeftBehind[] = []) =>
    conversationRounds(rounds, "acme/orders", number, beganAnewIn({ leftBehind }));

  it("begins a conversation of its own; a pull request that was closed does not", () => {
    expect(chain(4)).toEqual([1, 2, 3, 4]);
    expect(chain(4, [left(3, "closed")])).toEqual([1, 2, 3, 4]);
    expect(chain(3, [left(3, "merged")])).toEqual([3]);
    expect(chain(4, [left(2, "merged"), left(3, "merged")])).toEqual([3, 4]);
  });

  it("asks for the follow-up alone, with what is merged as context", () => {
    const run = aRunOf(job, { round: 3, leftBehind: [left(3, "merged")] });
    const prompt = promptOf({ job, rounds, runs: [run] }, run, [3]);
    expect(prompt).toMatch(
      /^Also c\.\n\nFor context only\..*#12.*merged.*\nRaise log4j\.\n\nThe requester added later:\nAlso b\.$/,
    );
    expect(promptOf({ job, rounds, runs: [] }, aRunOf(job), [1])).toBe("Raise log4j.");
  });

  it("asks for all that the conversation has not heard, with its files", () => {
    const capped = [round(1, "first"), round(2, "refine", "Also b."), round(3, "refine", "Also c.")];
    const raised = round(4, "raise-cap");
    const record = { job, rounds: [...capped, raised], runs: [] };
    const turns = (...of: number[]) => of.map((one) => ({ round: one }));
    const run = aRunOf(job, { round: 4 });
    expect(lastHeard(turns(1, 1, 4), 4)).toBe(1);
    expect(followUpsSince(record.rounds, run, 1)).toEqual(["Also b.", "Also c."]);
    expect(followUpsSince(record.rounds, run, 3)).toEqual([]);
    const reviewed = [...capped, round(4, "answer-review"), round(5, "fix-checks"), round(6, "raise-cap")];
    expect([4, 6].map((at) => kindAbout(reviewed.toReversed(), aRunOf(job, { round: at })))).toEqual([
      "answer-review",
      "fix-checks",
    ]);
    // Nothing was heard at all: it all stands in the first message.
    expect(lastHeard(turns(4), 4)).toBeUndefined();
    expect(promptOf(record, aRunOf(job, { round: 2 }), [1, 2])).toBe(
      "Raise log4j.\n\nThe requester added later:\nAlso b.",
    );
    const attachments = [{ key: "k", name: "log.txt", kind: "text" as const, bytes: 1 }];
    const withFile = {
      ...record,
      rounds: record.rounds.map((one) => (one.round === 2 ? { ...one, attachments } : one)),
    };
    expect(attachmentsOf(withFile, run, [1, 2, 3, 4], 1)).toEqual({ now: attachments, earlier: [] });
    expect(attachmentsOf(withFile, run, [1, 2, 3, 4], 2)).toEqual({ now: [], earlier: attachments });
  });

  it("has a branch of its own, made from what does not change", () => {
    expect(branchName(job.jobId, job.prompt)).toBe(`cody/${job.jobId}-raise-log4j`);
    expect(branchName(job.jobId, job.prompt, 2)).toBe(`cody/${job.jobId}-2-raise-log4j`);
    expect(besideBranch("cody/j1-a")).toBe("cody-j1-a");
  });
});

describe("what the card says beside an ending", () => {
  it("names what runs by itself, the pull request that was left, and others that are open", () => {
    const run = aRunOf(job, {
      round: 2,
      leftBehind: [left(2, "merged")],
      alsoOpen: [aPullRequest("acme/orders", 14)].map(({ number, url }) => ({ number, url })),
      runsByItself: ["a.yml", "b.yml", "c.yml", "d.yml"],
    });
    expect(noticeWords(run)).toEqual([
      "Changes what runs by itself: a.yml, b.yml, c.yml and 1 more.",
      "Pull request #12 was merged, so this round makes a new one.",
      "Cody has more open here: #14.",
    ]);
    expect(noticeWords(aRunOf(job))).toEqual([]);
    const ten = Array.from({ length: 10 }, (_, i) => `${i}.yml`);
    const words = (changes: Partial<RepoRun>, max: number) => byItselfWords(aRunOf(job, changes), max);
    expect(words({ runsByItself: ten, runsByItselfCount: 17 }, 2)).toBe("0.yml, 1.yml and 15 more");
    expect(words({ runsByItself: ten, runsByItselfCount: 17 }, 10)).toMatch(/9\.yml and 7 more$/);
    // A row of an earlier release.
    expect(words({ runsByItself: ten }, 10)).toMatch(/9\.yml and perhaps more$/);
  });
});

describe("the same task", () => {
  const other = (prompt: string, number: number) => {
    const its = aNewJob({ prompt });
    return { its, run: aRunOf(its, { baseBranch: "main", pullRequest: aPullRequest("acme/orders", number) }) };
  };
  const same = (prompt: string, state: "open" | "merged" = "open", baseBranch = "main") => {
    const { its, run } = other(prompt, 7);
    const others = othersToAskAbout(job, [run], [its]);
    return repeatOf(job, others, { baseBranch, states: { 7: state } }).same !== undefined;
  };

  it("is the same words, whatever their case, spaces and punctuation; a number makes another one", () => {
    expect(["raise LOG4J", "Raise  log4j!", "“Raise log4j”\n"].map((prompt) => same(prompt))).toEqual([
      true,
      true,
      true,
    ]);
    expect(["Raise log4j 2", "Raise log4j2", "Lower log4j"].map((prompt) => same(prompt))).toEqual([
      false,
      false,
      false,
    ]);
    const code = (one: string, another: string) => {
      const { its, run } = other(one, 7);
      const mine = aNewJob({ prompt: another });
      const about = { baseBranch: "main", states: { 7: "open" } } as const;
      return repeatOf(mine, othersToAskAbout(mine, [run], [its]), about).same !== undefined;
    };
    expect(code("Swap a < b for a > b", "Swap a > b for a < b")).toBe(false);
    expect(code("Use && in run.sh", "Use || in run.sh")).toBe(false);
    expect(code("Use `&&` in run.sh.", "use && in run.sh")).toBe(true);
    expect(same("Raise log4j.", "merged")).toBe(false);
    expect(same("Raise log4j.", "open", "release/1")).toBe(false);
  });

  it("is asked about first, and GitHub is asked a few times at most", () => {
    const many = Array.from({ length: 20 }, (_, i) => other(i < 10 ? `Other ${i}` : "raise log4j", i + 1));
    const asked = othersToAskAbout(
      job,
      many.map(({ run }) => run),
      many.map(({ its }) => its),
    );
    expect(asked.map(({ pullRequest: { number } }) => number)).toEqual([11, 12, 13, 1, 2, 3]);
    const closed = aRunOf(many[0]!.its, { pullRequest: { ...aPullRequest("acme/orders", 1), closed: true } });
    expect(othersToAskAbout(job, [closed], [many[0]!.its])).toEqual([]);
  });
});

describe("the same task, not finished yet", () => {
  const at = (second: number) => `2026-11-22T09:00:0${second}.000Z`;
  const mine = aNewJob({ jobId: "j0000000000000005", createdAt: at(5) });
  const its = (jobId: string, changes: Partial<Job> = {}) =>
    aNewJob({ jobId, teamId: mine.teamId, createdAt: at(1), prompt: `${mine.prompt.toUpperCase()}!`, ...changes });
  const here = { repository: "ACME/orders", baseBranch: "main" };
  const noticed = async (jobs: Job[], runs: RepoRun[] = []) =>
    alikeHere(
      await findUnfinishedAlike({
        jobsOfTeam: async () => ({ items: [mine, ...jobs] }),
        runsOfJobs: async (jobs) => runs.filter((run) => jobs.some(({ jobId }) => jobId === run.jobId)),
      })(mine),
      here,
    );

  it.each<[string, Partial<Job>, boolean]>([
    ["submitted a second before", {}, true],
    ["in the same millisecond, and the other one's id is the lower", { createdAt: at(5) }, true],
    ["submitted later: that one's card says it", { createdAt: at(6) }, false],
    ["for another task", { prompt: "Lower log4j." }, false],
    ["in another repository", { repositories: ["acme/shop"] }, false],
    ["for another branch", { options: { ...mine.options, baseBranch: "release/1" } }, false],
    ["being cancelled", { cancel: { "*": { by: "U1", at: at(2), round: 1 } } }, false],
  ])("a job %s", async (_, changes, isNoticed) => {
    expect(await noticed([its("j0000000000000001", changes)])).toEqual(isNoticed ? ["j0000000000000001"] : []);
  });

  it.each<[RepoRun["state"], boolean]>([
    ["queued", true],
    ["awaiting-approval", true],
    ["published", false],
    ["failed", false],
  ])("%s", async (state, isNoticed) => {
    const other = its("j0000000000000001");
    expect(await noticed([other], [aRunOf(other, { state, baseBranch: "main" })])).toHaveLength(isNoticed ? 1 : 0);
    expect(await noticed([other], [aRunOf(other, { state, baseBranch: "next" })])).toEqual([]);
  });

  it("names three at most", () => {
    const many = Array.from({ length: 9 }, (_, i) => its(`j000000000000001${i}`));
    expect(alikeHere(unfinished(many, []), here)).toHaveLength(3);
  });
});
