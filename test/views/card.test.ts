import { describe, expect, it } from "vitest";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { PullRequestStatus } from "../../packages/jobs/pull-request-status.ts";
import { because } from "../../packages/jobs/reasons.ts";
import { blockLines } from "../../packages/local/demo/block-text.ts";
import { checkMessageBlocks } from "../../packages/stand-ins/slack/blocks/message.ts";
import { ACTIONS, parsePlace, parseTarget, placeValue, targetValue } from "../../packages/views/actions.ts";
import { hashOf, renderCard } from "../../packages/views/card.ts";
import { named } from "../../packages/views/text.ts";
import { AT, aPatch, aRecord, aRun, aStartedRun, aStatus, aVerdict, JOB_ID, later } from "../builders.ts";
import { passedCheck, publishedRun, shownRecords, unchangedRun } from "./shown-records.ts";

/** What a reader sees, and what each button asks for. */
const textOf = ({ text, blocks }: ReturnType<typeof renderCard>) =>
  [text, "", ...blockLines(JSON.parse(JSON.stringify(blocks))), "", ...blocks.flatMap(buttonsOf)].join("\n");
const buttonsOf = (block: { type: string; elements?: unknown }) =>
  block.type === "actions"
    ? (block.elements as { action_id: string; value?: string; style?: string; url?: string }[]).map(
        ({ action_id, value, style, url }) => [action_id, style, value ?? url].filter(Boolean).join(" "),
      )
    : [];

const published = publishedRun("acme/orders", 12);
const unchanged = unchangedRun("acme/docs");
const failed = aStartedRun({
  repository: "acme/shop",
  state: "failed",
  reason: { code: "base-missing", message: "There is no branch main.", nextStep: "Name another base branch." },
  startedAt: undefined,
  turns: 0,
  endedAt: later(3),
});
const waiting = (repository: string) =>
  aStartedRun({ repository, state: "awaiting-approval", verdict: aVerdict(), patch: aPatch(), ending: "changed" });

const cards: Record<string, JobRecord> = {
  "a job that was just asked for": aRecord([]),
  "one works, one waits for Claude, one is queued": aRecord([
    aStartedRun({ repository: "acme/orders", state: "working", activity: "reading pom.xml" }),
    aStartedRun({
      repository: "acme/shop",
      state: "working",
      activity: "waiting for Claude",
      waitsUntil: "2026-11-22T12:04:00.000Z",
    }),
    aRun({ repository: "acme/docs" }),
  ]),
  "a pull request, a failure with its next step, evidence for nothing": aRecord([published, failed, unchanged]),
  "review first: two wait for a person": aRecord([waiting("acme/orders"), waiting("acme/shop"), unchanged], {
    options: { delivery: "review-first", model: "claude-sonnet-5-5", capUsd: 5 },
  }),
  "one approved, one rejected: who and when stay visible": aRecord(
    [
      { ...published, round: 2 },
      aStartedRun({
        repository: "acme/shop",
        state: "cancelled",
        patch: aPatch(),
        reason: { code: "rejected", message: "Rejected in Slack.", nextStep: "The patch stays here." },
        rejection: { by: "U2", at: later(90) },
      }),
    ],
    { repositories: ["acme/orders", "acme/shop"] },
    [
      {
        jobId: JOB_ID,
        round: 1,
        kind: "first",
        repositories: ["acme/orders", "acme/shop"],
        requestedBy: "U1",
        requestedAt: AT,
        finishedAt: later(60),
      },
      {
        jobId: JOB_ID,
        round: 2,
        kind: "publish",
        repositories: ["acme/orders"],
        requestedBy: "U1",
        requestedAt: later(80),
      },
    ],
  ),
  "the budget stopped it; the patch so far is kept": aRecord(
    [
      aStartedRun({
        repository: "acme/orders",
        state: "patch-ready",
        patch: aPatch(),
        ending: "partial",
        reason: {
          code: "budget",
          message: "The cost limit of $5.00 is reached.",
          nextStep: "Raise the cost limit to go on.",
        },
        spendUsd: 4.99,
      }),
    ],
    { repositories: ["acme/orders"] },
  ),
  "blocked: what is missing, what was looked at, the patch so far, and Retry beside a failure": aRecord([
    aStartedRun({
      repository: "acme/orders",
      state: "blocked",
      ending: "blocked",
      patch: aPatch(),
      verdict: aVerdict({ blockedBy: "A network." }),
      reason: because("blocked", "A network"),
      endedAt: later(30),
    }),
    failed,
  ]),
  "cancelled while two work": aRecord(
    [
      aStartedRun({ repository: "acme/orders", state: "working" }),
      aStartedRun({ repository: "acme/shop", state: "cloning" }),
      { ...unchanged, scripted: true },
    ],
    { cancel: { "*": { by: "U1", at: later(20), round: 1 } } },
  ),
  "a model without a known price": aRecord(
    [aStartedRun({ repository: "acme/orders", state: "working", spendUsd: null })],
    {
      repositories: ["acme/orders"],
      options: { delivery: "patch-only", model: "claude-next", capUsd: 5 },
    },
  ),
};

describe("the card", () => {
  it.each(Object.entries(cards))("%s", (_title, record) => {
    const card = renderCard(record);
    expect(checkMessageBlocks(card.blocks)).toEqual({ ok: true });
    expect(textOf(card)).toMatchSnapshot();
  });

  it("says the same without the plan block where Slack does not know it", () => {
    const { blocks } = renderCard(cards["one works, one waits for Claude, one is queued"]!, { plan: false });
    expect(blocks.some((block) => block.type === "plan")).toBe(false);
    expect(JSON.stringify(blocks)).toContain("Waiting for Claude, next try 12:04 UTC");
  });

  it.each(["queued", "cloning", "verifying"] as const)(
    "says of a run that waited for Claude and is %s now only what it does now",
    (state) => {
      const left = { state, activity: "", waitsUntil: "2026-11-22T12:04:00.000Z" };
      expect(JSON.stringify(renderCard(aRecord([aStartedRun(left)])))).not.toMatch(/next try|12:04/);
    },
  );

  it("shows the last lines of a check that failed, and nothing of one that passed", () => {
    const shown = (exitCode: number) =>
      JSON.stringify(
        renderCard(aRecord([{ ...published, verification: { ...passedCheck, exitCode, tail: "12 tests ran" } }])),
      );
    expect(shown(1)).toContain("12 tests ran");
    expect(shown(0)).not.toContain("12 tests ran");
  });

  it.each([
    ["own-uid without sockets", "Commands could not open sockets here: a check that starts a server fails."],
    ["off", "This machine has no sandbox: commands were off, and nothing could be checked by running it."],
    ["unsafe", "*Commands ran without any sandbox*, as this deployment allows."],
  ])("says where the sandbox of the commands is less than people expect: %s", (sandbox, words) => {
    const { blocks } = renderCard(aRecord([aStartedRun({ repository: "acme/orders", state: "working", sandbox })]));
    expect(JSON.stringify(blocks)).toContain(words);
  });

  it.each([
    ["with a price", { turns: 1, usd: 0.031 }, "7 turns · $0.04 · 1 turn lost, about $0.03", "about $0.07 of $5.00"],
    ["hardly anything", { turns: 2, usd: 0.004 }, "$0.04 · 2 turns lost, under $0.01", "about $0.04 of $5.00"],
  ])("says which answers never arrived, and that their cost is an estimate: %s", (_, lost, line, sum) => {
    const said = JSON.stringify(renderCard(aRecord([{ ...published, lost }])));
    expect(said).toContain(line);
    expect(said).toContain(sum);
  });

  it("says the owner of five long names once, and numbers their buttons: all of it fits a phone", () => {
    const { blocks } = renderCard(shownRecords().long!);
    const said = JSON.stringify(blocks);
    expect(said).toContain("5 repositories of acme-international-engineering");
    expect(said).toContain('"◐ Draft PR #4 · 2. gateway-service-with-a-long-name"');
    expect(said).toContain('"text":"2. PR #4"');
    expect(said).toContain("2. PR #4: acme-international-engineering/gateway-");
    expect(said.match(/ · \d\. acme-international/)).toBeNull();
  });

  it.each<[string, Partial<PullRequestStatus>, string]>([
    ["checks failed", { checks: "failed", failed: ["build"], failedCount: 1 }, "error"],
    ["conflicts", { conflicts: true }, "error"],
    ["changes were asked for", { review: "changes-requested" }, "error"],
    ["checks run", { checks: "pending" }, "complete"],
    ["checks failed before a person merged it", { checks: "failed", state: "merged" }, "complete"],
    ["nothing is known", {}, "complete"],
  ])("has no tick in its plan where the pull request is held back: %s", (_, status, task) => {
    const [plan] = renderCard(
      aRecord([{ ...published, pullRequestStatus: aStatus({ number: 12, ...status }) }]),
    ).blocks.filter(({ type }) => type === "plan");
    expect(plan).toMatchObject({ tasks: [{ task_id: "acme/orders", status: task }, {}, {}] });
  });

  it("is a pure function of the rows: the order in which they arrive does not matter", () => {
    const record = cards["a pull request, a failure with its next step, evidence for nothing"]!;
    const reordered = structuredClone({ ...record, rounds: record.rounds.toReversed() });
    expect(hashOf(renderCard(reordered))).toBe(hashOf(renderCard(record)));
  });

  it("says what a repository does however long its name is, and gives the words the rest when both are long", () => {
    const longest = `${"o".repeat(39)}/${"r".repeat(100)}`;
    expect(named(longest, "cancelled", 150)).toBe(`${longest.slice(0, 138)}…: cancelled`);
    expect(named("acme/orders", "w".repeat(200), 150)).toBe(`acme/orders: ${"w".repeat(136)}…`);
    expect(named(longest, "w".repeat(200), 150)).toBe(`${longest.slice(0, 72)}…: ${"w".repeat(74)}…`);
  });

  it("says once that its model ends", () => {
    const modelWarning = "claude-opus-4-5 ends on 2027-01-22: from then on Claude refuses it, follow-ups included.";
    const runs = ["acme/orders", "acme/shop"].map((name) =>
      aStartedRun({ repository: name, state: "working", modelWarning }),
    );
    expect(JSON.stringify(renderCard(aRecord(runs)).blocks).split(modelWarning)).toHaveLength(2);
  });

  it.each([
    ["one repository", ["acme/orders"], "The same task was unfinished in acme/orders when this began"],
    ["two of them", ["acme/orders", "acme/shop"], "The same task was unfinished in 2 repositories when this began"],
  ])("names a job for the same task while it still runs: %s", (_, names, words) => {
    const alikeUnfinished = ["j00000000000000aa"];
    const runs = names.map((name) => aStartedRun({ repository: name, state: "working", alikeUnfinished }));
    const { blocks } = renderCard(aRecord(runs, { repositories: names }));
    expect(JSON.stringify(blocks)).toContain(`${words}: \`j00000000000000aa\`.`);
  });

  it("shows hostile words as they are: no mention, no link, no hidden character", () => {
    const hostile = "<!channel> <@U9> <https://evil.example|github.com> \u202egnp.exe \u200b*bold*";
    const { text, blocks } = renderCard(
      aRecord([{ ...published, verdict: aVerdict({ summary: hostile }) }], { prompt: hostile }),
    );
    const marked = [text, ...JSON.stringify(blocks).matchAll(/"type":"mrkdwn","text":"([^"]*)"/g)].join("\n");
    expect(marked).not.toMatch(/<!channel>|<@U9>|<https:\/\/evil/);
    expect(text + JSON.stringify(blocks)).not.toMatch(/[\u202e\u200b]/);
  });
});

describe("what a button is about", () => {
  it("comes back as it went out", () => {
    for (const target of [
      { jobId: JOB_ID },
      { jobId: JOB_ID, repository: "acme/orders" },
      { jobId: JOB_ID, repository: "acme/2", round: 12 },
      { jobId: JOB_ID, repository: "acme/2", round: 12, head: "0abc" },
    ]) {
      expect(parseTarget(targetValue(target))).toEqual(target);
    }
    expect(parsePlace(placeValue(JOB_ID, 4))).toEqual({ jobId: JOB_ID, place: 4 });
  });

  it("is refused when it is not ours", () => {
    for (const value of [undefined, "", "j1", `${JOB_ID} 1 Org/../x`, `${JOB_ID} 1 acme/x extra`]) {
      expect(parseTarget(value)).toBeUndefined();
    }
    expect(parsePlace(`${JOB_ID} 12`)).toBeUndefined();
  });

  it("offers retry only when nothing runs any more", () => {
    const ids = (record: JobRecord) =>
      renderCard(record).blocks.flatMap((block) =>
        block.type === "actions"
          ? block.elements.map((element) => ("action_id" in element ? element.action_id : ""))
          : [],
      );
    const running = aRecord([failed, aStartedRun({ repository: "acme/orders", state: "working" }), unchanged]);
    expect(ids(running)).not.toContain(ACTIONS.retry);
    expect(ids(running)).toContain(ACTIONS.cancel);
    expect(ids(aRecord([failed, published, unchanged]))).toContain(ACTIONS.retry);
    expect(ids({ ...running, job: { ...running.job, cancel: { "*": { by: "U1", at: AT, round: 1 } } } })).not.toContain(
      ACTIONS.cancel,
    );
  });

  it("asks before what is final, with a red button for it", () => {
    type Pressed = { action_id?: string; style?: string; confirm?: { style?: string } };
    const elements = [...Object.values(cards), ...Object.values(shownRecords())].flatMap((record) =>
      renderCard(record).blocks.flatMap((block) => (block.type === "actions" ? (block.elements as Pressed[]) : [])),
    );
    for (const { action_id, style, confirm } of elements)
      if (style === "danger") expect(confirm, action_id).toMatchObject({ style: "danger" });
    for (const action of [ACTIONS.cancel, ACTIONS.cancelOne, ACTIONS.reject]) {
      const shown = elements.filter(({ action_id }) => action_id === action);
      expect(shown.length, action).toBeGreaterThan(0);
      expect(shown.filter(({ confirm }) => confirm?.style !== "danger")).toEqual([]);
    }
  });
});
