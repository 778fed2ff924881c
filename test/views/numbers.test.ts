import { describe, expect, it } from "vitest";
import type { Job } from "../../packages/jobs/job.ts";
import { figuresOf, usdPerMerged } from "../../packages/jobs/numbers.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { numbersCsv } from "../../packages/views/history/numbers-csv.ts";
import { numbersView } from "../../packages/views/history/numbers-view.ts";
import { monthBeside, readNumbers } from "../../packages/views/history/read-numbers.ts";
import { aJob, aPullRequest, aRunOf, aStatus } from "../builders.ts";

const OPENED = "2026-11-10T06:00:00Z";
const pull = aPullRequest("acme/orders", 7);
const merged = (changes: Parameters<typeof aStatus>[0] = {}) =>
  aStatus({
    number: 7,
    state: "merged",
    head: pull.commit,
    openedAt: OPENED,
    mergedAt: "2026-11-10T11:30:00Z",
    ...changes,
  });
const run = (changes: Partial<RepoRun>): RepoRun =>
  aRunOf(aJob(), { state: "published", spendUsd: 1, pullRequest: pull, ...changes });

describe("what runs came to", () => {
  it.each<[string, Partial<RepoRun>, Partial<ReturnType<typeof figuresOf>>]>([
    ["open", {}, { opened: 1, merged: 0, closed: 0, hours: undefined }],
    ["merged as pushed", { pullRequestStatus: merged() }, { opened: 1, merged: 1, unchanged: 1, hours: 5.5 }],
    [
      "merged with another commit",
      { pullRequestStatus: merged({ head: "b".repeat(40) }) },
      { merged: 1, unchanged: 0 },
    ],
    ["closed by people", { pullRequestStatus: aStatus({ number: 7, state: "closed" }) }, { opened: 1, closed: 1 }],
    ["closed by us", { pullRequest: { ...pull, closed: true } }, { opened: 1, closed: 1 }],
    ["another pull request's status", { pullRequestStatus: merged({ number: 3 }) }, { opened: 1, merged: 0 }],
    [
      "merged, and gone on with",
      {
        leftBehind: [{ round: 2, state: "merged", pullRequest: pull, status: merged() }],
        pullRequest: aPullRequest("acme/orders", 9),
      },
      { opened: 2, merged: 1, unchanged: 1, hours: 5.5 },
    ],
    [
      "merged by an earlier release",
      { leftBehind: [{ round: 2, state: "merged", pullRequest: pull }] },
      { merged: 1, unchanged: 0, hours: undefined },
    ],
    ["nothing", { pullRequest: undefined, state: "failed" }, { opened: 0, spentUsd: 1 }],
  ])("%s", (_, changes, figures) => {
    expect(figuresOf([run(changes)])).toMatchObject(figures);
  });

  it("each merged one costs what all of them cost: failures are paid too", () => {
    const figures = figuresOf([
      run({ pullRequestStatus: merged(), spendUsd: 2 }),
      run({ pullRequestStatus: merged({ mergedAt: "2026-11-12T06:00:00Z" }), spendUsd: 1 }),
      run({ pullRequest: undefined, state: "failed", spendUsd: 3 }),
      run({ spendUsd: null }),
    ]);
    expect(usdPerMerged(figures)).toBe(3);
    expect(figures).toMatchObject({ spentUsd: 6, isAtLeast: true, hours: (5.5 + 48) / 2 });
    expect(usdPerMerged(figuresOf([run({})]))).toBeUndefined();
  });
});

/** So many jobs, newest first, in pages of a hundred. */
function storeOf(jobs: Job[], runOf: (job: Job) => Partial<RepoRun>) {
  const asked = { pages: 0, runs: 0 };
  return {
    asked,
    jobsOfTeam: async (
      _: string,
      { limit, after, before = "9" }: { limit: number; after?: string | undefined; before?: string },
    ) => {
      asked.pages += 1;
      const from = Number(after ?? 0);
      const all = jobs.filter(({ createdAt }) => createdAt < before);
      const next = from + limit < all.length ? { after: `${from + limit}` } : {};
      return { items: all.slice(from, from + limit), ...next };
    },
    runsForNumbers: async (some: readonly Job[]) => {
      asked.runs += some.length;
      return some.map((job) =>
        aRunOf(job, { repository: job.repositories[0]!, state: "published", spendUsd: 0.5, ...runOf(job) }),
      );
    },
  };
}
const job = (i: number, month: string, changes: Partial<Job> = {}) =>
  aJob({ jobId: `j${String(i).padStart(16, "0")}`, createdAt: `${month}-15T06:00:00.000Z`, ...changes });
const textOf = (view: object) => JSON.stringify(view);

describe("a month in numbers", () => {
  it("is by month, repository and prompt, of what a person may read", async () => {
    const jobs = [
      job(1, "2026-12"),
      job(2, "2026-11", { prompt: "=Raise it,\nplease" }),
      job(3, "2026-11", {
        userId: "U2",
        repositories: ["acme/shop"],
        scheduled: { scheduleId: "s0123456789abcdef", name: "weekly", plannedAt: OPENED, leftOut: [] },
      }),
      job(4, "2026-11", { userId: "U-HIDDEN" }),
      job(5, "2026-09", { prompt: "Known" }),
      job(6, "2026-04"),
    ];
    const store = storeOf(jobs, ({ jobId }) =>
      jobId.endsWith("2")
        ? { pullRequest: pull, pullRequestStatus: merged() }
        : { pullRequest: aPullRequest("acme/shop", 8) },
    );
    const reading = {
      store,
      readable: ({ userId }: Job) => userId !== "U-HIDDEN",
      nameOf: (prompt: string) => (prompt === "Known" ? "saved" : undefined),
    };
    const numbers = await readNumbers(reading, "T1", "2026-11");
    expect(numbers).toMatchObject({
      cut: false,
      months: ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"],
    });
    expect(numbers.jobs.map(({ job: { jobId }, label }) => [jobId.at(-1), label])).toEqual([
      ["2", "=Raise it,"],
      ["3", "weekly"],
      ["5", "saved"],
    ]);
    const shown = textOf(numbersView(numbers, new Date("2026-12-03T00:00:00Z")));
    for (const words of [
      "*Opened*\\n2",
      "*Merged*\\n1",
      "*Merged unchanged*\\n1",
      "*From opening to merge*\\n5.5 h (median)",
      "*For each merged one*\\n$1.00",
      "November 2026",
    ])
      expect(shown).toContain(words);
    expect(shown).toMatch(/2026-11 {2}1 of 2 ██████████▒▒▒▒▒▒▒▒▒▒/);
    expect(shown).toMatch(/2026-10 {2}0 of 0\\n/);
    expect(shown).toMatch(
      /acme\/orders[^[]*1 opened, 1 merged \(1 unchanged\), 0 closed; \$0\.50 and 5\.5 h for each merged one/,
    );
    expect(shown).toMatch(/weekly[^[]*1 opened, 0 merged/);
    const csv = numbersCsv(numbers).split("\r\n");
    expect(csv[0]!.split(",")).toHaveLength(16);
    expect(csv[1]).toBe(
      `2026-11,${jobs[1]!.jobId},2026-11-15T06:00:00.000Z,U1,"'=Raise it,",,acme/orders,published,0.5000,7,${pull.url},merged,true,${OPENED},2026-11-10T11:30:00Z,5.50`,
    );
    expect(csv).toHaveLength(4);
    expect(csv.at(-1)).toBe("");
  });

  it.each([
    ["=1+1", "'=1+1"],
    [' "-2"', '" ""\'-2"""'],
    ["x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"],
    ["＝1", "'＝1"],
    ["\u202e=1", "\ufffd=1"],
    ["@all;\u200b@x", "'@all;\ufffd@x"],
    ["a-b; c", "a-b; c"],
  ])("a saved job called %j is no formula in a spreadsheet", async (name, cell) => {
    const scheduled = { scheduleId: "s0123456789abcdef", name, plannedAt: OPENED, leftOut: [] };
    const numbers = await readNumbers(
      { store: storeOf([job(1, "2026-11", { scheduled })], () => ({})), readable: () => true, nameOf: () => undefined },
      "T1",
      "2026-11",
    );
    expect(numbersCsv(numbers).split("\r\n")[1]).toContain(`,U1,${cell},${cell},acme/orders,`);
  });

  it("go on behind a page of rows that cannot be read", async () => {
    const store = {
      ...storeOf([], () => ({})),
      jobsOfTeam: async (_: string, { after }: { after?: string | undefined }) =>
        after === undefined ? { items: [], after: "2" } : { items: [job(1, "2026-11")] },
    };
    const numbers = await readNumbers({ store, readable: () => true, nameOf: () => undefined }, "T1", "2026-11");
    expect([numbers.cut, numbers.jobs.length]).toEqual([false, 1]);
  });

  it("of thousands of jobs reads so many pages, leaves out months it has read a part of, and says so", async () => {
    const many = Array.from({ length: 5_000 }, (_, i) => job(i, i < 1_000 ? "2026-11" : "2026-10"));
    const store = storeOf(many, () => ({}));
    const reading = { store, readable: () => true, nameOf: () => undefined };
    const numbers = await readNumbers(reading, "T1", "2026-11");
    expect(store.asked).toEqual({ pages: 30, runs: 1_000 });
    expect(numbers).toMatchObject({ cut: true, months: ["2026-11"] });
    expect(textOf(numbersView(numbers, new Date(OPENED)))).toContain("these figures begin with 2026-11");
  });

  it("knows months across a year", () => {
    expect([monthBeside("2026-01", -1), monthBeside("2026-12", 1), monthBeside("2026-11", -11)]).toEqual([
      "2025-12",
      "2027-01",
      "2025-12",
    ]);
  });
});
