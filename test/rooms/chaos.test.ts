import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Round, violations } from "../../packages/local/chaos/checks.ts";
import { disturber } from "../../packages/local/chaos/disturber.ts";
import { leaksIn, leftIn, processesOf } from "../../packages/local/chaos/remains.ts";
import { type PlannedJob, scheduleLines, scheduleOf } from "../../packages/local/chaos/schedule.ts";
import { aJob, aRun } from "./store-backends.ts";

describe("a schedule of chaos", () => {
  it("is made by its seed alone, and another seed makes another one", () => {
    for (const seed of [0, 1, 77]) expect(scheduleOf(seed)).toEqual(scheduleOf(seed));
    const all = Array.from({ length: 200 }, (_, seed) => scheduleOf(seed));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(200);
  });

  it("brings, over some seeds, every kind of job and of trouble, jobs first of all", () => {
    const all = Array.from({ length: 100 }, (_, seed) => scheduleOf(seed));
    const events = all.flatMap((one) => one.events);
    expect([...new Set(events.map(({ kind }) => kind))].toSorted()).toEqual([
      "cancel",
      "claude",
      "forge",
      "kill-runner",
      "kill-stack",
      "submit",
    ]);
    const jobs = events.flatMap((event) => (event.kind === "submit" ? [event.job] : []));
    expect(new Set(jobs.map(({ delivery }) => delivery)).size).toBe(4);
    expect(new Set(jobs.map(({ marker }) => marker)).size).toBe(jobs.length);
    for (const { events } of all)
      expect(events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    expect(scheduleLines(scheduleOf(3))[0]).toMatch(/^seed 3: the model thinks \d+ ms/);
  });

  it("disturbs its share of the requests, the same ones for the same seed, and none once it is calm", () => {
    const kinds = (storm: ReturnType<typeof disturber>) =>
      Array.from({ length: 1_000 }, () => storm.disturb("S3", undefined as never)?.kind ?? "");
    const [one, two] = [disturber(0.1, 5), disturber(0.1, 5)];
    const seen = kinds(one);
    expect(seen).toEqual(kinds(two));
    expect(seen.filter(Boolean).length).toBeGreaterThan(50);
    expect(seen.filter(Boolean).length).toBeLessThan(200);
    one.calm();
    expect(kinds(one).filter(Boolean)).toEqual([]);
  });
});

describe("what a round must have kept", () => {
  const marker = "chaos-1-1";
  const planned: PlannedJob = { marker, prompt: `x (${marker})`, repositories: ["acme/orders"], delivery: "open-pr" };
  const patch = { key: "k", treeId: "tree", files: 1, added: 1, removed: 0 } as never;
  function good(): Round {
    const job = aJob({ prompt: planned.prompt, repositories: ["acme/orders"] });
    const run = aRun(job, { state: "published", patch, spendUsd: 0.5 });
    const rounds = [{ jobId: job.jobId, round: 1 }] as never;
    return {
      planned: [planned],
      evidence: {
        messages: "",
        jobs: [
          {
            record: { job, rounds, runs: [run] },
            cards: 1,
            cardIsRight: true,
            replies: 1,
            pullRequests: [{ repository: "acme/orders", number: 1, treeId: "tree", body: "" }],
          },
        ],
      },
      remains: { files: [], processes: [], leaks: [] },
      servedUsd: 0.5,
      complaints: [],
    };
  }
  const job = (round: Round) => round.evidence.jobs[0]!;
  const run = (round: Round) => job(round).record.runs[0]!;

  it("nothing is broken where all is kept", () => {
    expect(violations(good())).toEqual([]);
  });

  it.each([
    ["a job that is not there", (round: Round) => void round.evidence.jobs.pop(), /once and is 0 jobs/],
    ["a job that is there twice", (round: Round) => void round.evidence.jobs.push(job(round)), /once and is 2 jobs/],
    ["no card", (round: Round) => Object.assign(job(round), { cards: 0 }), /0 cards/],
    ["two cards", (round: Round) => Object.assign(job(round), { cards: 2 }), /2 cards/],
    [
      "a card that says something else",
      (round: Round) => Object.assign(job(round), { cardIsRight: false }),
      /does not show/,
    ],
    [
      "two closing replies",
      (round: Round) => Object.assign(job(round), { replies: 2 }),
      /2 closing replies for 1 rounds/,
    ],
    ["a run that has not ended", (round: Round) => Object.assign(run(round), { state: "working" }), /is working/],
    ["a run that failed", (round: Round) => Object.assign(run(round), { state: "failed" }), /failed/],
    ["no pull request", (round: Round) => void job(round).pullRequests.pop(), /published without a pull request/],
    [
      "a second pull request",
      (round: Round) => void job(round).pullRequests.push(job(round).pullRequests[0]!),
      /2 pull requests/,
    ],
    [
      "another tree",
      (round: Round) => Object.assign(job(round).pullRequests[0]!, { treeId: "other" }),
      /not that of its patch/,
    ],
    [
      "spend that nobody shows",
      (round: Round) => Object.assign(round, { servedUsd: 0.51 }),
      /show \$0\.5.* served \$0\.51/,
    ],
    ["a folder left", (round: Round) => void round.remains.files.push("/tmp/x"), /left behind: \/tmp\/x/],
    ["a process left", (round: Round) => void round.remains.processes.push("1 node"), /still runs: 1 node/],
    ["a secret", (round: Round) => void round.remains.leaks.push("stack.log"), /a secret stands in stack\.log/],
    ["a stack that died", (round: Round) => Object.assign(round, { complaints: ["it ended"] }), /it ended/],
  ])("%s is broken", (_, breakIt, says) => {
    const round = good();
    breakIt(round);
    const broken = violations(round);
    expect(broken.join("\n")).toMatch(says);
  });

  it("finds what is left: files, processes, secrets plain, in base64 and in compressed objects", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cody-remains-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const secret = `planted-${Math.random()}`;
    mkdirSync(join(folder, "deep"));
    const facts = Buffer.from("{}");
    const object = Buffer.concat([gzipSync(`a ${secret} b`), facts, Buffer.from("00000002")]);
    writeFileSync(join(folder, "deep", "plain.log"), `x${secret}`);
    writeFileSync(join(folder, "packed"), object);
    writeFileSync(join(folder, "encoded"), Buffer.from(secret).toString("base64"));
    writeFileSync(join(folder, "clean"), "nothing");
    writeFileSync(join(folder, "own-keys"), secret);
    expect(
      leaksIn(folder, [secret], /own-keys$/)
        .map((file) => file.slice(folder.length + 1))
        .toSorted(),
    ).toEqual(["deep/plain.log", "encoded", "packed"]);
    expect(leftIn([join(folder, "deep"), join(folder, "none")])).toEqual([join(folder, "deep", "plain.log")]);
    expect(processesOf(folder)).toEqual([]);
  });
});
