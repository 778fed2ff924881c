import { createHash } from "node:crypto";
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, describe, expect, it } from "vitest";
import { systemClock } from "../../packages/clock/clock.ts";
import { patchFiles } from "../../packages/diff/patch-files.ts";
import { Verdict } from "../../packages/jobs/outcome.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import { noCommands } from "../../packages/sandbox/probe.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { shownPatch } from "../../packages/secrets/shown-patch.ts";
import type { Brain } from "../../packages/stand-ins/claude/brain.ts";
import { startClaude } from "../../packages/stand-ins/claude/start-claude.ts";
import { fitted } from "../../packages/store/redacted-rows.ts";
import { drawPage } from "../../packages/transcript/draw-page.ts";
import { firstFiles } from "../../packages/transcript/first-files.ts";
import { redactedRecords } from "../../packages/work/redacted-records.ts";
import { createSeal } from "../../packages/work/seal.ts";
import { work } from "../../packages/work/work.ts";
import { workTrees } from "../../packages/work/work-tree.ts";
import { aNewJob, aRunOf, aVerdict } from "../builders.ts";
import { openStore } from "../store/backends.ts";
import { memoryRecords } from "../store/memory-records.ts";
import { ownTable } from "../store/own-table.ts";
import { pageOf, storyTranscript } from "../transcript/stage.ts";
import { makeOrigin, scratchFolder } from "../workspace/origin.ts";

// Made here, so that no scanner of this repository finds a secret in it.
const KEY = `sk-ant-api03-${createHash("sha256").update("kept").digest("hex").slice(0, 45)}`;
const TOKEN = `ghp_${createHash("sha256").update("token").digest("hex").slice(0, 36)}`;
const SPACED = `${KEY.slice(0, 30)}\n${KEY.slice(30)}`;

/** Everything that a model can say, with the key in it. */
const TELLING: Brain = ({ messages }) =>
  messages.length === 1
    ? {
        thinking: `I have seen ${KEY}.`,
        text: `The key is ${KEY}.`,
        calls: [{ name: "read_file", input: { path: `docs/${KEY}.md` } }],
      }
    : {
        thinking: "Done.",
        calls: [
          {
            name: "report_verdict",
            input: {
              wereChangesNecessary: false,
              summary: `Nothing to do, but ${KEY} works and so does ${SPACED}.`,
              evidence: [{ path: `config/${KEY}`, note: `holds ${Buffer.from(KEY).toString("base64")} and ${TOKEN}` }],
              pullRequestTitle: KEY.padStart(200, "x"),
              pullRequestBody: `Use ${[...KEY].reverse().join("")}`,
            },
          },
        ],
      };

describe("what is kept after a run holds no secret", () => {
  const table = ownTable();
  const open = new AsyncDisposableStack();
  afterAll(() => open.disposeAsync());

  it("in the row, the turns, the conversation, the outcome and the page; and Claude gets back what it said", async () => {
    let dies = true;
    const stop = () => new AbortController();
    let stopping = stop();
    const claude = await startClaude({
      log: () => {},
      brain: (request) => {
        if (dies && request.messages.length > 1) stopping.abort(new Error("Spot takes the task away"));
        return TELLING(request);
      },
    });
    open.defer(() => claude.stop());
    const { store: jobs } = openStore(table.url);
    const origin = await makeOrigin({ "README.md": "# Sample\n" });
    const job = aNewJob();
    await jobs.insertJob(job);
    await jobs.insertRound(firstRound(job));
    const ref = await jobs.openRun(aRunOf(job, { baseCommit: origin.commit }));
    const { records, objects } = memoryRecords();
    const go = async (seal: string) =>
      work(
        ref,
        {
          messages: new Anthropic({ baseURL: claude.url, apiKey: claude.apiKey, logLevel: "off" }).messages,
          jobs,
          records,
          openGitHub: () => Promise.reject(new Error("No round here asks GitHub.")),
          openTree: workTrees({
            remote: { url: origin.url, token: "" },
            folder: await scratchFolder(),
            sandbox: noCommands(),
            redactor: createRedactor([KEY]),
            commandTimeoutMs: 10_000,
          }),
          sandbox: noCommands(),
          redactor: createRedactor([KEY]),
          seal: createSeal(seal),
          secrets: [KEY],
          limits: { maxTurns: 30, maxSeconds: 3_600 },
          drawPage,
          clock: systemClock,
          log: () => {},
        },
        stopping.signal,
      );
    await expect(go(KEY)).rejects.toThrow();
    dies = false;
    stopping = stop();
    await go(KEY);

    const sent = claude.requests().at(-1)!.body!.messages;
    expect(JSON.stringify(sent)).toContain(`I have seen ${KEY}.`);
    expect(await jobs.readRun(ref)).toMatchObject({
      ending: "unchanged",
      verdict: {
        summary: "Nothing to do, but [redacted] works and so does [redacted]\n[redacted].",
        evidence: [{ path: "config/[redacted]", note: "holds [redacted] and [redacted GitHub token]" }],
        pullRequestBody: "Use [redacted]",
      },
    });
    const kept = [
      JSON.stringify(await jobs.readJob(ref.jobId)),
      ...[...objects.values()].map((bytes) => Buffer.from(bytes).toString()),
    ];
    expect([...objects.keys()].map((key) => key.replace(/^.*\//, ""))).toEqual(
      expect.arrayContaining(["000001.json", "000002.json", "conversation.json", "outcome.json", "transcript.html"]),
    );
    for (const text of kept)
      for (const form of [KEY, KEY.slice(30), TOKEN, Buffer.from(KEY).toString("base64").slice(0, 40)])
        expect(text).not.toContain(form);

    // With another key the sealed words stay closed, and thinking that is bound to them is left out.
    const redactor = createRedactor([KEY]);
    const [first] = await redactedRecords(records, redactor, createSeal(KEY)).turnsOf(ref);
    expect(first!.received.content.map(({ type }) => type)).toEqual(["thinking", "text", "tool_use"]);
    const [other] = await redactedRecords(records, redactor, createSeal(TOKEN)).turnsOf(ref);
    expect(other!.received.content.map(({ type }) => type)).toEqual(["text", "tool_use"]);
    // So do those of a run without a key, and what was damaged.
    for (const sealed of ["", "AAAA", "not base64"]) expect(createSeal(KEY).open(sealed)).toBeUndefined();
    expect((await records.conversation(ref))!.redactedFrom).toBe(1);
  });

  it("a verdict that a placeholder makes longer still fits its row", () => {
    const long = "[redacted JSON Web Token]".repeat(1_000);
    const evidence = [{ path: long, note: long }];
    const verdict = aVerdict({ summary: long, evidence, pullRequestTitle: long, pullRequestBody: long });
    expect(Verdict.safeParse(fitted({ verdict }).verdict).success).toBe(true);
  });

  it("a page shows the first files of a patch that is too large for it, whole, and counts the rest", () => {
    const file = (name: string, line: string) =>
      `diff --git a/${name} b/${name}\nindex 0..1 100644\n--- a/${name}\n+++ b/${name}\n@@ -0,0 +1,1 @@\n+${line}\n`;
    const files = [
      file("a", "diff --git a/x b/x"),
      file("b", "zero\u200bwidth"),
      file("c", "\u202ec\r"),
      file("d", "d"),
    ];
    const patch = Buffer.from(files.join(""));
    const first = (maxBytes: number) => {
      const { patch: shown, rest } = firstFiles(patch, maxBytes);
      return { shown: Buffer.from(shown).toString(), rest };
    };
    expect(first(patch.length)).toEqual({ shown: files.join(""), rest: undefined });
    expect(first(patch.length - 1)).toEqual({ shown: files.slice(0, 3).join(""), rest: { files: 1, hidden: 0 } });
    expect(first(files[0]!.length)).toEqual({ shown: files[0], rest: { files: 3, hidden: 2 } });
    expect(first(10)).toEqual({ shown: "", rest: { files: 4, hidden: 2 } });

    const { shown, rest } = first(files[0]!.length);
    const page = pageOf({ ...storyTranscript(), patch: Buffer.from(shown), rest });
    expect(page).toContain("3 more files: too much for this page. The patch file has them.");
    expect(page).toContain("and 3 more files");
    expect(page).toContain("The patch holds 2 characters that are not seen");
    expect(page).toMatch(/for="view-diff">[^<]*<span>4<\/span>/);
  });

  it("a page shows a patch without its secrets, in the same lines", async () => {
    const pem = [
      `-----BEGIN ${"PRIVATE"} KEY-----`,
      "A1b2".repeat(16),
      "C3d4".repeat(16),
      `-----END ${"PRIVATE"} KEY-----`,
    ];
    const patch = Buffer.from(
      `diff --git a/k b/k\nindex 0..1 100644\n--- a/k\n+++ b/k\n@@ -1,6 +1,2 @@\n-${pem.join("\n-")}\n-x ${TOKEN}\n+y\n same ${KEY}\n`,
    );
    const shown = await shownPatch(patch, createRedactor([KEY]));
    for (const secret of [KEY, TOKEN, pem[1]!]) expect(Buffer.from(shown).toString()).not.toContain(secret);
    const { files, unread } = patchFiles(shown);
    expect(unread).toBe("");
    expect(files[0]!.hunks[0]!.lines.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      ...pem.map(() => "removed [redacted private key]"),
      "removed x [redacted GitHub token]",
      "added y",
      "same same [redacted]",
    ]);
    expect(await shownPatch(Buffer.from("diff"), createRedactor([KEY]))).toEqual(Buffer.from("diff"));
  });
});
