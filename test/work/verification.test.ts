import { describe, expect, it } from "vitest";
import { pullRequestText } from "../../packages/github/pull-request-text.ts";
import type { Delivery } from "../../packages/jobs/job.ts";
import type { CommandResult } from "../../packages/jobs/outcome.ts";
import { opensAsDraft } from "../../packages/publish/open-pull-request.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { renderCard } from "../../packages/views/card.ts";
import { renderReply } from "../../packages/views/reply.ts";
import { runJobCommand } from "../../packages/work/job-command.ts";
import type { Workspace } from "../../packages/workspace/workspace.ts";
import { aJob, aPatch, aPullRequest, aRecord, aStartedRun, aVerdict, JOB_ID } from "../builders.ts";

const passed: CommandResult = { command: "npm test", exitCode: 0, timedOut: false, durationMs: 1_000, tail: "" };
const notRun = { ...passed, exitCode: null, notRun: "this machine has no bubblewrap" };

/** What the body of the pull request begins with, as a draft and without one, and what the card says. */
function said(given: { verifyCommand?: string; verification?: CommandResult; draft?: boolean }) {
  const { verifyCommand, verification, draft = true } = given;
  const options = { ...aJob().options, ...(verifyCommand !== undefined && { verifyCommand }) };
  const run = aStartedRun({
    repository: "acme/orders",
    state: "published",
    verdict: aVerdict(),
    patch: aPatch(),
    ...(verification && { verification }),
    pullRequest: { ...aPullRequest("acme/orders", 12), draft },
  });
  const text = pullRequestText({
    jobId: JOB_ID,
    asked: ["p"],
    verdict: aVerdict(),
    baseCommit: "0".repeat(40),
    verifyCommand,
    ...(verification && { verification }),
  });
  const record = aRecord([run], { options, repositories: ["acme/orders"] });
  const reply = JSON.stringify(renderReply(record, record.rounds[0]!));
  return { ...text, card: JSON.stringify(renderCard(record)), reply };
}

describe("a change that nothing has checked is a draft, and body and card say why and what to do", () => {
  it.each([
    ["no check was given", "Give one when you start a job", {}],
    ["the check failed", "Refine it in the thread", { verification: { ...passed, exitCode: 1 } }],
    ["the check ran out of time", "Refine it", { verification: { ...passed, exitCode: null, timedOut: true } }],
    ["the check failed", "Refine it in the thread", { verification: { ...passed, exitCode: null } }],
    ["the check could not run here", "Run Cody where commands have a sandbox", { verification: notRun }],
    ["the check did not run", "Follow up in the thread", { verifyCommand: "npm test" }],
  ])("%s: %s", (why, nextStep, given) => {
    const { body, bodyWithoutDraft, card } = said(given);
    expect(body).toContain(`> **Draft: not verified, ${why}.** ${nextStep}`);
    expect(card).toContain(`Draft: not verified, ${why}. ${nextStep}`);
    expect(card).toContain("Draft pull request #12");
    // Where the repository has no drafts it is loud.
    expect(bodyWithoutDraft).toMatch(new RegExp(`^> \\[!CAUTION\\]\\n> \\*\\*NOT VERIFIED: ${why}\\.\\*\\*`));
    expect(said(given).reply).toContain(" (draft)");
    expect(said({ ...given, draft: false }).reply).toContain(" (not verified)");
    const open = said({ ...given, draft: false }).card;
    expect(open).toContain("Pull request #12, not verified");
    expect(open).toContain(`NOT VERIFIED, ${why}; it could not be made a draft: check it before you merge it.`);
  });

  it.each<[Delivery, boolean, string[], boolean]>([
    ["open-pr", true, [], false],
    ["review-first", true, [], false],
    ["open-pr", false, [], true],
    ["draft-pr", true, [], true],
    ["open-pr", true, ["Makefile"], true],
  ])("%s, verified: %s, runs by itself: %j", (delivery, isVerified, runsByItself, draft) => {
    expect(opensAsDraft(delivery, { isVerified, runsByItself })).toBe(draft);
  });

  it("what was checked says nothing of the kind", () => {
    const { body, bodyWithoutDraft, card, reply } = said({
      verification: passed,
      verifyCommand: "npm test",
      draft: false,
    });
    expect(bodyWithoutDraft).toBe(body);
    for (const words of [body, card, reply]) expect(words).not.toMatch(/not verified|draft/i);
    expect(said({ verification: passed, verifyCommand: "npm test" }).card).toContain("Verified now, but still a draft");
  });

  it("exit code, duration and the end of the output stand on the card and in the pull request", () => {
    const tail = `start\n${"x".repeat(400)}\n\nAssertionError: <@U9> 1 != 2\n@team ok\n`;
    const failing = { ...passed, exitCode: 1, durationMs: 41_200, tail };
    const { body, card } = said({ verifyCommand: "npm test", verification: failing });
    expect(card).toContain('Check \\"npm test\\" failed with exit code 1 after 41 s.\\nAssertionError: <@U9> 1 != 2"');
    const nameless = { ...failing, tail: tail.replace("AssertionError: ", "") };
    const last = said({ verifyCommand: "npm test", verification: nameless }).card;
    expect(last).toContain("after 41 s.\\nxxx");
    expect(last).toContain("…\\n<@U9> 1 != 2\\n@team ok");
    expect(last).not.toContain("start");
    expect(body).toContain("`npm test` failed with exit code 1 after 41 s.\n\n```text\nstart\n");
    const good = said({ verification: { ...passed, tail: "3 tests\n```\n@team" } }).body;
    expect(good).toContain("passed in 1.0 s.\n\n````text\n3 tests\n");
    expect(said({ verification: passed }).body).not.toContain("```");
  });

  it("without a sandbox the command is not run, and its result says why", async () => {
    const workspace = { sandbox: { mode: "off", note: "no bubblewrap here" } } as Workspace;
    const request = { command: "npm test", signal: new AbortController().signal };
    const result = await runJobCommand(workspace, request, { redactor: createRedactor([]), commandTimeoutMs: 1_000 });
    expect(result).toMatchObject({ exitCode: null, timedOut: false, notRun: "no bubblewrap here" });
    expect(said({ verifyCommand: "npm test", verification: result }).card).toContain(
      "could not run: no bubblewrap here.",
    );
  });
});
