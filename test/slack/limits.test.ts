import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actionOf } from "../../packages/agent/tools/create-tools.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { because } from "../../packages/jobs/reasons.ts";
import { MAX_TEMPLATE_NAME } from "../../packages/jobs/team.ts";
import { checkMessageBlocks } from "../../packages/stand-ins/slack/blocks/message.ts";
import { checkHome, checkModal } from "../../packages/stand-ins/slack/blocks/view.ts";
import { clip } from "../../packages/text/cut.ts";
import { targetValue } from "../../packages/views/actions.ts";
import { CARD_RENDERINGS } from "../../packages/views/card.ts";
import { sentenceModal } from "../../packages/views/history/blocks.ts";
import { brokenHome } from "../../packages/views/history/broken-home.ts";
import { conversationView } from "../../packages/views/history/conversation-view.ts";
import { historyView } from "../../packages/views/history/history-view.ts";
import { FIRST_HOME } from "../../packages/views/history/home-state.ts";
import { homeView } from "../../packages/views/history/home-view.ts";
import { jobView } from "../../packages/views/history/job-view.ts";
import { linkContent } from "../../packages/views/history/link-view.ts";
import { numbersView } from "../../packages/views/history/numbers-view.ts";
import type { Place } from "../../packages/views/history/places.ts";
import { roundsWithTurns } from "../../packages/views/history/run-buttons.ts";
import { runView } from "../../packages/views/history/run-view.ts";
import { renderReply, replyAsText } from "../../packages/views/reply.ts";
import { reviewModal, reviewSentence } from "../../packages/views/review.ts";
import { MESSAGE_SIZE, sizeOfBlocks } from "../../packages/views/size.ts";
import { LIMITS } from "../../packages/views/text.ts";
import { filterModal } from "../../slack/interactions/home-filter.ts";
import { view as raiseCapView } from "../../slack/interactions/raise-cap.ts";
import { runModal } from "../../slack/interactions/run-modal.ts";
import { AT, aSchedule, JOB_ID } from "../builders.ts";
import { propertyRuns } from "../property-runs.ts";
import { anyAudit, anyRecord, anyTurns, anyWords } from "../views/hostile-records.ts";
import { wrongWithBlocks, wrongWithView } from "./types/check.ts";

const RUNS = { numRuns: propertyRuns(20), endOnFailure: true };

type Json = { [key: string]: unknown };

/** Every object of a view or message, outermost first. */
function* objectsIn(value: unknown): Generator<Json> {
  if (Array.isArray(value)) for (const item of value) yield* objectsIn(item);
  else if (value !== null && typeof value === "object") {
    yield value as Json;
    yield* objectsIn(Object.values(value));
  }
}

/** What Slack reads marks in: mrkdwn, and a message's own text. */
const marked = (shown: object) => [
  ...[...objectsIn(shown)].filter(({ type }) => type === "mrkdwn").map(({ text }) => String(text)),
  ...("text" in shown && typeof shown.text === "string" ? [shown.text] : []),
];
const textsIn = (shown: object) =>
  [...objectsIn(shown)].flatMap(({ text }) => (typeof text === "string" ? [text] : []));

/** Ours: people that Slack named, times, and pull requests with their real host. */
const OURS = /<@[UW][A-Z0-9]+>|<!date\^\d+\^[^|^<>]*\|[^<>]*>|<(https:\/\/github\.com\/[^|<>]+)\|([^<>]*)>/g;
/** "acme/orders#12": an owner has no dot, so it looks like no host. */
const NUMBERED = /^[\w-]+\/[\w.-]+#\d+$/;
const HIDDEN = /[\p{Cc}--[\t\n]]|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/v;

function mustBeSafe(shown: object) {
  for (const text of marked(shown)) {
    expect(text.replace(OURS, ""), "a mark that is not ours").not.toMatch(/[<>]/);
    for (const [, url, label] of text.matchAll(OURS))
      if (url && !NUMBERED.test(label!)) expect(`https://${label}`, "a link's real host").toBe(url);
  }
  for (const text of textsIn(shown)) expect(text, "hidden characters").not.toMatch(HIDDEN);
  for (const { type, url, text, user_id } of objectsIn(shown)) {
    if (type === "user") expect(user_id).toMatch(/^[UW][A-Z0-9]+$/);
    if (type === "link")
      expect([new URL(String(url)).host, String(text).includes("://")]).toEqual(["github.com", false]);
  }
}

/** By the stand-in, and by what Slack's own packages say of views. */
function mustBeTaken(view: object) {
  expect("type" in view && view.type === "home" ? checkHome(view) : checkModal(view)).toMatchObject({ ok: true });
  expect(wrongWithView(view)).toEqual([]);
}

const views: Record<string, (record: JobRecord) => object[]> = {
  "the review of a job, and of one repository": (record) => {
    const head = `diff --git a/x b/x\n+++ b/${record.job.prompt}\n@@ -0,0 +1,500 @@\n`;
    const patch = Buffer.from(head + "+<!channel>\u202e\n".repeat(500));
    const patches = new Map(record.job.repositories.map((name, i) => [name, i % 2 ? undefined : patch]));
    return [
      reviewModal(record, patches, { notice: record.job.prompt }),
      reviewModal(record, patches, { repository: record.job.repositories[0]! }),
      reviewSentence(targetValue({ jobId: JOB_ID }), record.job.prompt),
    ];
  },
  "a repository in a job": (record) => {
    const trail = record.job.repositories.map((repository): Place => ({ kind: "run", jobId: JOB_ID, repository }));
    return record.runs.map((run) => runView(record, run, [1, 2, 3, 4, 5], [...trail, trail[0]!]));
  },
  "a repository's history": ({ job, runs }) => {
    const repository = job.repositories[0]!;
    const items = Array.from({ length: 10 }, () => runs.map((run) => ({ run, job })))
      .flat()
      .slice(0, 10);
    return [historyView({ repository, items, older: "c".repeat(500) }, [{ kind: "repository", repository }])];
  },
  "a sentence in a modal": ({ job }) => [sentenceModal(job.prompt, job.prompt, [{ kind: "job", jobId: JOB_ID }])],
  "the new cost limit": (record) => [raiseCapView(targetValue({ jobId: record.job.jobId }))],
};

describe("whatever stands in the rows of a job, Slack takes what we show and nothing in it is taken for ours", () => {
  it.each(Object.entries(views))("%s", (_title, render) => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        for (const view of render(record)) {
          mustBeTaken(view);
          mustBeSafe(view);
        }
      }),
      RUNS,
    );
  });

  it("the card in each of its renderings, and every closing reply, with room", () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const replies = record.rounds.flatMap((one) => [renderReply(record, one), replyAsText(record, one)]);
        for (const message of [...CARD_RENDERINGS.map((render) => render(record)), ...replies]) {
          expect(sizeOfBlocks(message.blocks)).toBeLessThanOrEqual(MESSAGE_SIZE);
          expect(checkMessageBlocks(message.blocks)).toEqual({ ok: true });
          expect(wrongWithBlocks(message.blocks)).toEqual([]);
          expect(message.text.length).toBeLessThanOrEqual(LIMITS.messageText);
          expect(message.text.trim()).not.toBe("");
          mustBeSafe(message);
        }
      }),
      RUNS,
    );
  });

  it("the details of a job with its audit", () => {
    fc.assert(
      fc.property(anyRecord, anyAudit, (record, audit) => {
        const view = jobView(record, audit, [{ kind: "job", jobId: JOB_ID }]);
        mustBeTaken(view);
        mustBeSafe(view);
      }),
      RUNS,
    );
  });

  it("the dashboard, whole and broken, and its filter", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 10 }), anyWords(100), (records, text) => {
        const listed = records.map(({ job, runs }) => ({ job, runs }));
        const state = {
          ...FIRST_HOME,
          text: text.trim() || "x",
          repository: records[0]!.job.repositories[0]!,
          pages: Array(20).fill("p".repeat(500)),
        };
        const month = { since: "2026-11-01", jobs: listed, cut: true };
        const name = clip(text.trim() || "x", MAX_TEMPLATE_NAME);
        const reason = because("schedule-owner-refused", text);
        const schedules = listed.map((lastJob, i) => ({
          schedule: aSchedule({ name, ...(i % 2 ? { nextAt: AT } : { paused: { at: AT, reason } }) }),
          spentUsd: 1e6,
          lastJob,
        }));
        const shown = { state, open: [...records, ...records], month, schedules, campaigns: [], recent: listed };
        const home = homeView({ ...shown, older: "c".repeat(500) });
        const numbers = {
          month: "2026-11",
          months: ["2026-10", "2026-11"],
          cut: true,
          jobs: listed.map(({ job, runs }) => ({ job, runs, label: clip(text.trim() || "x", 60) })),
        };
        for (const view of [home, brokenHome(state, text), numbersView(numbers, new Date(AT))]) {
          mustBeTaken(view);
          mustBeSafe(view);
        }
        mustBeTaken(filterModal(state));
      }),
      { numRuns: propertyRuns(10), endOnFailure: true },
    );
  });

  it("a conversation, simple and technical", () => {
    fc.assert(
      fc.property(
        anyRecord,
        anyTurns,
        fc.constantFrom("simple" as const, "technical" as const),
        (record, turns, style) => {
          const repository = record.job.repositories[0]!;
          const place = { kind: "conversation" as const, jobId: JOB_ID, repository, round: 1, style, turn: 1 };
          const page = { place, rounds: roundsWithTurns(record, repository), total: 2_000, turns, scripted: true };
          const view = conversationView(page, [{ kind: "job", jobId: JOB_ID }, place], actionOf);
          mustBeTaken(view);
          mustBeSafe(view);
        },
      ),
      { numRuns: propertyRuns(15), endOnFailure: true },
    );
  });

  it("a link that was signed on click says its real host, and what it is called cannot lie about it", () => {
    fc.assert(
      fc.property(anyWords(300), (label) => {
        const { text, blocks } = linkContent({ url: "https://bucket.example/x?X-Amz-Signature=1&b=2", label });
        expect(checkMessageBlocks(blocks)).toEqual({ ok: true });
        expect(JSON.stringify(blocks)).toContain("bucket.example");
        expect(text.replace(/^<https:\/\/bucket\.example\/[^|<>]+\|[^<>]*>$/, "")).toBe("");
        for (const shown of textsIn({ blocks })) expect(shown).not.toMatch(HIDDEN);
      }),
      RUNS,
    );
  });

  it("the form, for whatever a message said", () => {
    const settings = { models: [{ id: "m", label: "M", group: "All" }], defaultModel: "m", admins: [] };
    fc.assert(
      fc.property(anyWords(40_000), (prompt) => {
        mustBeTaken(runModal(settings, { channelId: "C1", prompt }));
      }),
      { numRuns: propertyRuns(10), endOnFailure: true },
    );
  });

  it("the records are as wild as they claim: some of everything that is hostile reaches a prompt", () => {
    const prompts = fc.sample(anyRecord, 100).map(({ job }) => job.prompt);
    for (const piece of ["<!channel>", "<@UEVIL>", "<https://evil.example|github.com>", "\u202e", "\u0000"])
      expect(
        prompts.some((prompt) => prompt.includes(piece)),
        piece,
      ).toBe(true);
    expect(prompts.some((prompt) => prompt.length > 8_000)).toBe(true);
  });
});
