import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Courier } from "../../packages/stand-ins/slack/delivery.ts";
import { APP } from "../../packages/stand-ins/slack/workspace.ts";
import { aNewJob, aRunOf } from "../builders.ts";
import { type Round, violations } from "./checks.ts";
import { disturber } from "./disturber.ts";
import { treeOfPatch } from "./patch-trees.ts";
import { leaksIn, leftIn, processesOf } from "./remains.ts";
import { type PlannedJob, scheduleLines, scheduleOf } from "./schedule.ts";
import { brings, keepSent } from "./sent.ts";

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
      "follow-ups",
      "forge",
      "kill-runner",
      "kill-stack",
      "send-again",
      "submit",
    ]);
    const jobs = events.flatMap((event) => (event.kind === "submit" ? [event.job] : []));
    expect(new Set(jobs.map(({ delivery }) => delivery)).size).toBe(4);
    expect(new Set(jobs.map(({ marker }) => marker)).size).toBe(jobs.length);
    for (const { events } of all)
      expect(events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    const replies = events.flatMap((event) => (event.kind === "follow-ups" ? event.replies : []));
    expect(new Set(replies.map(({ trouble }) => trouble.kind)).size).toBe(5);
    expect(new Set(replies.map(({ marker }) => marker)).size).toBe(replies.length);
    expect(new Set(all.map(({ twiceShare }) => twiceShare)).size).toBe(3);
    expect(scheduleLines(scheduleOf(3))[0]).toMatch(/^seed 3: the model thinks \d+ ms/);
  });

  it("plays of a seed what it played before there were follow-ups", () => {
    const { events } = scheduleOf(1);
    const before = events.filter(({ kind }) => kind !== "follow-ups" && kind !== "send-again");
    expect(before.map(({ kind, atMs }) => `${kind} ${atMs}`)).toEqual([
      "submit 1545",
      "submit 3946",
      "cancel 15974",
      "forge 20086",
      "claude 24162",
    ]);
  });

  it("disturbs its share of the requests, the same ones for the same seed, and none once it is calm", () => {
    const kinds = (storm: ReturnType<typeof disturber>) =>
      Array.from({ length: 1_000 }, () => storm.disturb("S3", undefined as never)?.kind ?? "");
    const shares = { share: 0.1, twiceShare: 0.5 };
    const [one, two] = [disturber(shares, 5), disturber(shares, 5)];
    const seen = kinds(one);
    expect(seen).toEqual(kinds(two));
    expect(seen.filter(Boolean).length).toBeGreaterThan(50);
    expect(seen.filter(Boolean).length).toBeLessThan(200);
    expect(one.sentTwice() || one.sentTwice() || one.sentTwice() || one.sentTwice()).toBe(true);
    one.calm();
    expect(one.sentTwice() || one.sentTwice() || one.sentTwice() || one.sentTwice()).toBe(false);
    expect(kinds(one).filter(Boolean)).toEqual([]);
  });
});

describe("what a round must have kept", () => {
  const marker = "chaos-1-1";
  const planned: PlannedJob = { marker, prompt: `x (${marker})`, repositories: ["acme/orders"], delivery: "open-pr" };
  const patch = { key: "k", treeId: "tree", files: 1, added: 1, removed: 0 } as never;
  function good(): Round {
    const job = aNewJob({ prompt: planned.prompt, repositories: ["acme/orders"] });
    const run = aRunOf(job, { state: "published", patch, spendUsd: 0.5 });
    const base = { jobId: job.jobId, repositories: ["acme/orders"] };
    const rounds = [
      { ...base, round: 1, kind: "first" },
      { ...base, round: 2, kind: "refine", prompt: "higher (chaos-1-1 r1)", source: "1.1" },
    ] as never;
    return {
      planned: [planned],
      asked: [{ job: marker, marker: "chaos-1-1 r1", rounds: 1 }],
      evidence: {
        messages: "",
        jobs: [
          {
            record: { job, rounds, runs: [run] },
            cards: 1,
            cardIsRight: true,
            closings: [2, 1],
            patches: [
              { repository: "acme/orders", round: 1, treeId: "earlier" },
              { repository: "acme/orders", round: 2, treeId: "tree" },
            ],
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
      (round: Round) => Object.assign(job(round), { closings: [1, 2, 2] }),
      /2 closing replies for round 2/,
    ],
    [
      "no closing reply",
      (round: Round) => Object.assign(job(round), { closings: [2] }),
      /0 closing replies for round 1/,
    ],
    [
      "a reply that is two rounds",
      (round: Round) => void job(round).record.rounds.push({ ...job(round).record.rounds[1]!, round: 3 }),
      /the reply chaos-1-1 r1 is 2 rounds/,
    ],
    ["a reply that is lost", (round: Round) => void job(round).record.rounds.pop(), /chaos-1-1 r1 is 0 rounds/],
    [
      "an approval that is two rounds",
      (round: Round) =>
        void job(round).record.rounds.push(
          { ...job(round).record.rounds[0]!, round: 3, kind: "publish" },
          { ...job(round).record.rounds[0]!, round: 4, kind: "publish" },
        ),
      /one approval of acme\/orders is two rounds/,
    ],
    [
      "a round that was not asked for",
      (round: Round) => Object.assign(job(round).record.rounds[0]!, { kind: "retry" }),
      /round 1 is a retry that was not asked for/,
    ],
    [
      "a patch that gives another tree",
      (round: Round) => Object.assign(job(round).patches[1]!, { treeId: "other" }),
      /the patch of acme\/orders gives other/,
    ],
    [
      "a pull request with the tree of the round before",
      (round: Round) => Object.assign(job(round).pullRequests[0]!, { treeId: "earlier" }),
      /not that of its patch/,
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
      "spend that is not shown",
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

  it("a round that the next one took over before its reply may be without one, and still has no two", () => {
    const round = good();
    Object.assign(run(round), { round: 2 });
    Object.assign(job(round), { closings: [2] });
    expect(violations(round)).toEqual([]);
    Object.assign(job(round), { closings: [1, 1, 2] });
    expect(violations(round)).toHaveLength(1);
    Object.assign(job(round), { closings: [1] });
    expect(violations(round)).toHaveLength(1);
  });

  it("a cancelled follow-up may leave the pull request as the round before made it", () => {
    const round = good();
    Object.assign(run(round), { state: "cancelled" });
    Object.assign(job(round).pullRequests[0]!, { treeId: "earlier" });
    expect(violations(round)).toEqual([]);
    Object.assign(job(round).pullRequests[0]!, { treeId: "other" });
    expect(violations(round)).toHaveLength(1);
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

describe("what Slack has sent", () => {
  it("comes twice at once, and again later, as the same envelope; our own messages and commands do not", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cody-sent-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const arrived: string[] = [];
    const courier: Courier = {
      async send({ payload, envelopeId }, retry) {
        arrived.push([String(payload.name), envelopeId ?? "new", retry ? "again" : "first"].join(" "));
        return { acked: true, body: {} };
      },
      stop: async () => {},
    };
    let isTwice = true;
    const open = () => keepSent(join(folder, "sent.jsonl"), () => isTwice);
    const carried = open().carry(courier);
    await carried.send({ kind: "interactive", payload: { name: "form", type: "view_submission" } });
    const [[, id]] = arrived.map((line) => line.split(" ")) as [[string, string]];
    expect(arrived.splice(0)).toEqual([`form ${id} first`, `form ${id} again`]);
    isTwice = false;
    await carried.send({ kind: "slash_commands", payload: { name: "command" } });
    await carried.send({ kind: "events_api", payload: { name: "own", event: { user: APP.userId, ts: "1.0" } } });
    await carried.send({ kind: "events_api", payload: { name: "reply", event: { user: "U1", ts: "1.1" } } });
    expect(arrived.splice(0)).toEqual([
      "command new first",
      "own new first",
      expect.stringMatching(/^reply \S+ first$/),
    ]);

    const afterRestart = open();
    afterRestart.carry(courier);
    expect(await afterRestart.again((all) => all)).toBe(2);
    expect(arrived.splice(0)).toEqual([`form ${id} again`, expect.stringMatching(/^reply \S+ again$/)]);
    expect(await afterRestart.again((all) => all.filter(brings("1.1")))).toBe(1);
    expect(arrived).toEqual([expect.stringMatching(/^reply/)]);

    // A form of which nothing came is filled in anew: only the new one counts, and may come again.
    afterRestart.forget("form");
    expect(await open().again((all) => all)).toBe(1);
    await afterRestart.carry(courier).send({ kind: "interactive", payload: { name: "form", type: "view_submission" } });
    expect(await open().again((all) => all)).toBe(2);
  });
});

describe("a patch on its base", () => {
  it("gives the tree that plain git makes of it, without a trace in the repository's index", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cody-trees-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", ...args], {
        encoding: "utf8",
      }).trim();
    git("init", "-q");
    writeFileSync(join(folder, "a"), "one\n");
    git("add", "a");
    git("commit", "-qm", "a");
    writeFileSync(join(folder, "a"), "two\n");
    const patch = Buffer.from(`${git("diff", "--binary", "--full-index")}\n`);
    const status = git("status", "--porcelain");
    const tree = await treeOfPatch(join(folder, ".git"), "HEAD", patch);
    expect(git("show", `${tree}:a`)).toBe("two");
    expect(await treeOfPatch(join(folder, ".git"), "HEAD", Buffer.from(""))).toBe(git("rev-parse", "HEAD^{tree}"));
    expect(git("status", "--porcelain")).toBe(status);
  });
});
