import fc from "fast-check";
import { expect, it } from "vitest";
import { TERMINAL_STATES } from "../../packages/jobs/states.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { closedRounds, renderDirectMessage, renderReply } from "../../packages/views/reply.ts";
import { aJob, aPatch, aPullRequest, aRecord, aStartedRun, aVerdict } from "../builders.ts";
import { propertyRuns } from "../property-runs.ts";

const NAMES = ["acme/one", "acme/two", "acme/three", "acme/four", "acme/five"];
const WORDS: Record<string, RegExp> = {
  "awaiting-approval": /(\d+) waiting for approval/,
  published: /(\d+) pull requests?/,
  "patch-ready": /(\d+) patch/,
  unchanged: /(\d+) unchanged/,
  failed: /(\d+) failed/,
  cancelled: /(\d+) cancelled/,
};

it("five repositories in every mix of endings: one mention, every group counted, every repository named once, what waits first", () => {
  const states = fc.tuple(...NAMES.map(() => fc.constantFrom("awaiting-approval" as const, ...TERMINAL_STATES)));
  fc.assert(
    fc.property(states, (chosen) => {
      const runs = chosen.map((state, i) =>
        aStartedRun({
          repository: NAMES[i]!,
          state,
          verdict: aVerdict(),
          ...(state !== "unchanged" && { patch: aPatch() }),
          ...(state === "published" && { pullRequest: aPullRequest(NAMES[i]!, i + 1) }),
        }),
      );
      const record = aRecord(runs, aJob({ repositories: NAMES }));
      expect(closedRounds(record)).toHaveLength(1);
      const { text, blocks } = renderReply(record, record.rounds[0]!);
      expect(text.match(/<@U1>/g)).toHaveLength(1);
      for (const [state, words] of Object.entries(WORDS)) {
        const count = chosen.filter((one) => one === state).length;
        expect(Number(words.exec(text)?.[1] ?? 0), `${text}: ${state}`).toBe(count);
      }
      const said = JSON.stringify(blocks);
      expect(said.match(/"user_id":"U1"/g)).toHaveLength(1);
      for (const name of NAMES) expect(said.split(`"text":"${name}"`), name).toHaveLength(2);
      if (chosen.includes("awaiting-approval")) expect(text).toMatch(/^<@U1> \d waiting for approval/);
    }),
    { numRuns: propertyRuns(80), endOnFailure: true },
  );
});

it("while one of the five still moves there is no reply", () => {
  const runs = NAMES.map((name, i) =>
    aStartedRun({ repository: name, state: i === 4 ? "publishing" : "unchanged", verdict: aVerdict() }),
  );
  expect(closedRounds(aRecord(runs, aJob({ repositories: NAMES })))).toEqual([]);
});

it("a direct message asks what the card asks, and links it", () => {
  const waiting = aStartedRun({ state: "awaiting-approval", verdict: aVerdict(), patch: aPatch() });
  const record = aRecord([waiting], { repositories: ["acme/orders"] });
  const { blocks } = renderDirectMessage(record, record.rounds[0]!, "https://acme.slack.com/archives/C1/p1");
  const said = JSON.stringify(blocks);
  for (const id of [ACTIONS.review, ACTIONS.approve, ACTIONS.reject]) expect(said).toContain(`"${id}"`);
  expect(said).toContain("<https://acme.slack.com/archives/C1/p1|Open its card>");
  expect(JSON.stringify(renderReply(record, record.rounds[0]!).blocks)).not.toContain(ACTIONS.approve);
});
