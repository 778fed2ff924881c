import { rm } from "node:fs/promises";
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, describe, expect, it } from "vitest";
import type { WorkDeps } from "../../containers/runner/work-deps.ts";
import { work } from "../../containers/runner/work-run.ts";
import { Cancelled } from "../../packages/agent/endings.ts";
import type { Outcome } from "../../packages/jobs/outcome.ts";
import { NO_USAGE } from "../../packages/jobs/usage.ts";
import type { Brain } from "../../packages/local/claude/brain.ts";
import { startClaude } from "../../packages/local/claude/start-claude.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { noCommands } from "../../packages/workspace/walls/probe.ts";
import { calling, saying, verdict } from "./agent-stage.ts";
import { memoryRecords } from "./memory-records.ts";
import { ownTable } from "./own-table.ts";
import { aJob, aRun, openStore } from "./store-backends.ts";
import { makeOrigin, scratchFolder } from "./workspace-origin.ts";

const DONE = saying(calling("write_file", { path: "new.txt", content: "x" }), verdict(true), verdict(true));

describe("an attempt of Work leaves on the row what all attempts cost", () => {
  const table = ownTable();
  const open = new AsyncDisposableStack();
  afterAll(() => open.disposeAsync());

  async function opened(brain: Brain = DONE) {
    const claude = await startClaude({ log: () => {}, brain });
    open.defer(() => claude.stop());
    const { store: jobs } = openStore(table.url);
    const origin = await makeOrigin({ "README.md": "# Sample\n" });
    const job = aJob();
    await jobs.insertJob(job);
    const ref = await jobs.openRun(aRun(job, { baseCommit: origin.commit }));
    const { records } = memoryRecords();
    const deps: WorkDeps = {
      messages: new Anthropic({ baseURL: claude.url, apiKey: claude.apiKey, logLevel: "off" }).messages,
      jobs,
      records,
      walls: noCommands(),
      redactor: createRedactor([]),
      secrets: [],
      remote: { url: origin.url, token: "" },
      folder: await scratchFolder(),
      limits: { maxTurns: 30, maxSeconds: 3_600 },
      commandTimeoutMs: 10_000,
      now: () => new Date(),
      log: () => {},
    };
    const stop = new AbortController();
    const go = () => work(ref, deps, stop.signal);
    return { stop, claude, jobs, records, origin, ref, go, row: async () => (await jobs.readRun(ref))! };
  }

  it("also what others lost beside the one whose outcome counts, with no further request", async () => {
    const { claude, jobs, records, ref, go, row } = await opened();
    const { attempt } = (await jobs.claimRun(ref))!;
    const totals = { turns: 2, usage: NO_USAGE, spendUsd: 0.5 };
    const outcome: Outcome = {
      ...ref,
      attempt,
      ending: "unchanged",
      model: "claude-sonnet-5-5",
      turns: 2,
      totals,
      startedAt: "2026-11-22T09:00:00.000Z",
      endedAt: "2026-11-22T09:10:00.000Z",
    };
    await records.putOutcome(outcome);
    await jobs.updateRun({ ...ref, attempt }, { state: "cloning", asking: { turn: 1, usd: 0.02 } });
    await go();
    expect(claude.requests()).toEqual([]);
    expect(await row()).toMatchObject({ ...totals, attempt: 2, ending: "unchanged", lost: { turns: 1, usd: 0.02 } });
    expect(await row()).not.toHaveProperty("asking");
  });

  it("also the answer that was out when it was cancelled, once", async () => {
    const on = await opened((request) => {
      if (request.messages.length > 1) on.stop.abort(new Cancelled());
      return DONE(request);
    });
    await on.go();
    expect(await on.row()).toMatchObject({ ending: "cancelled", turns: 1, lost: { turns: 1 } });
    expect(await on.row()).not.toHaveProperty("asking");
  });

  it("also when its repository is gone before the patch can be compared with an earlier attempt's", async () => {
    let goes = Promise.resolve();
    const { records, origin, ref, go, row } = await opened((request) => {
      if (request.messages.length > 1) goes = rm(origin.source, { recursive: true, force: true });
      return DONE(request);
    });
    await records.putPatch(ref, Buffer.from("another"));
    await go();
    await goes;
    expect(await row()).toMatchObject({ ending: "failed", reason: { code: "repository-missing" }, turns: 3 });
    expect((await row()).spendUsd).toBeGreaterThan(0);
  });
});
