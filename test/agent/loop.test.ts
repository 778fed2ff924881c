import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Cancelled, TurnTaken } from "../../packages/agent/endings.ts";
import { demandedHeadings } from "../../packages/agent/guidance.ts";
import { runAgent } from "../../packages/agent/run-agent.ts";
import type { ContentBlock } from "../../packages/conversation/conversation.ts";
import type { ApiBlock } from "../../packages/stand-ins/claude/wire.ts";
import { calling, type Stage, saying, stage, verdict } from "./stage.ts";

const POM = `<project>
  <properties>
    <log4j.version>2.14.1</log4j.version>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-core</artifactId>
      <version>\${log4j.version}</version>
    </dependency>
  </dependencies>
</project>
`;
const RAISE = { prompt: "Raise log4j-core to at least 2.17.1." };
const write = (content: string) => calling("write_file", { path: "new.txt", content });

/** What a request said since the last answer: tool answers first, notes of the harness last. */
const lastWords = (on: Stage, request = -1) => {
  const { messages } = on.bodies().at(request)!;
  const since = messages.slice(messages.findLastIndex(({ role }) => role === "assistant") + 1);
  return since.flatMap(({ content }) => content as ApiBlock[]).map((block) => String(block.text ?? block.content));
};

test("a task is done through the tools, reviewed once as a diff, and reported with evidence", async () => {
  await using on = await stage({ files: { "pom.xml": POM, "README.md": "# Orders\n" } });
  const run = await runAgent(on.deps, on.input(RAISE));
  expect(on.refused).toEqual([]);
  expect(run.ending).toMatchObject({
    kind: "verdict",
    verdict: { wereChangesNecessary: true, evidence: [{ path: "pom.xml" }] },
  });
  expect(await on.tree.diff()).toContain("+    <log4j.version>2.17.1</log4j.version>");
  expect(lastWords(on)[0]).toMatch(/^Your change:\n\nM {2}pom\.xml.*\+ {4}<log4j\.version>2\.17\.1/s);
  expect(lastWords(on)[1]).toMatch(/^Look over your change once.*with the outcome confirmed and nothing else/);
  expect(on.turns.at(-1)!.received.content).toContainEqual(
    expect.objectContaining({ input: { outcome: "confirmed" } }),
  );
  expect(run).toMatchObject({
    scripted: true,
    model: "scripted-claude-sonnet-5-5",
    totals: { turns: on.turns.length },
  });
  expect(on.progress.map(({ activity }) => activity)).toContain("editing pom.xml");
});

test("the first request on a small repository is under 9 KB", async () => {
  await using on = await stage({ commands: true });
  await runAgent(on.deps, on.input({ prompt: "Look around." }));
  expect(on.claude.requests()[0]!.bytes).toBeLessThan(9_000);
});

test("every request begins with the one before it, to the byte but for the cache marks", async () => {
  const reads = [1, 2, 3].map((to_line) => calling("read_file", { path: "README.md", to_line }));
  await using on = await stage({ brain: saying(...reads, { text: "Hm." }, write("x"), verdict(true), verdict(true)) });
  await runAgent(on.deps, on.input());
  const plain = (value: unknown) => JSON.stringify(value, (key, part) => (key === "cache_control" ? undefined : part));
  const bodies = on.bodies();
  expect(bodies.length).toBe(7);
  for (const [i, body] of bodies.slice(1).entries()) {
    const before = bodies[i]!;
    expect(plain([body.system, body.tools])).toBe(plain([before.system, before.tools]));
    expect(plain(body.messages.slice(0, before.messages.length))).toBe(plain(before.messages));
  }
  expect(JSON.stringify(bodies.at(-1))).toContain('"thinking":"","signature":"sig_');
});

test("thinking is echoed as it came, also when it is empty or redacted, whatever else is in the turn", async () => {
  const look = { name: "read_file", input: { path: "README.md" } };
  await using on = await stage({
    brain: saying(
      { thinking: "", redacted: "EroBCk==", calls: [look] },
      {
        thinking: "So.",
        redacted: "",
        text: "Half way.",
        calls: [{ ...look, input: { path: "README.md", from_line: 1 } }],
      },
      verdict(false),
    ),
  });
  expect((await runAgent(on.deps, on.input())).ending).toMatchObject({ kind: "verdict" });
  const kinds = [
    ["thinking", "redacted_thinking", "tool_use"],
    ["thinking", "redacted_thinking", "text", "tool_use"],
  ];
  const echoed = on
    .bodies()
    .at(-1)!
    .messages.filter(({ role }) => role === "assistant");
  expect(echoed.map(({ content }) => (content as ContentBlock[]).map(({ type }) => type))).toEqual(kinds);
  expect(echoed).toEqual(on.turns.slice(0, 2).map(({ received }) => received));
  expect(echoed[0]!.content).toMatchObject([
    { thinking: "", signature: expect.stringMatching(/^sig_/) },
    { data: "EroBCk==" },
    {},
  ]);
  // The stand-in signs thoughts over all before them, as the API does: whatever is left out or moved is refused.
  expect(on.refused).toEqual([]);
});

test("a run that dies after any turn goes on with the very request that it would have sent", async () => {
  await using whole = await stage({ files: { "pom.xml": POM } });
  await runAgent(whole.deps, whole.input(RAISE));
  const sent = whole.bodies().map((body) => JSON.stringify(body));
  for (let died = 1; died < sent.length; died++) {
    await using on = await stage({ files: { "pom.xml": POM } });
    const power = new AbortController();
    const saveTurn = async (turn: (typeof on.turns)[number]) => {
      on.turns.push(turn);
      if (on.turns.length === died) power.abort(new Error("SIGTERM"));
      return "stored" as const;
    };
    await expect(runAgent({ ...on.deps, saveTurn }, on.input({ ...RAISE, signal: power.signal }))).rejects.toThrow(
      "SIGTERM",
    );
    const earlierTurns = JSON.parse(JSON.stringify(on.turns)) as typeof on.turns;
    const run = await runAgent(on.deps, on.input({ ...RAISE, attempt: 2, earlierTurns }));
    expect(on.bodies().map((body) => JSON.stringify(body))).toEqual(sent);
    expect(run.ending).toMatchObject({ kind: "verdict" });
    expect(run.totals.turns).toBe(sent.length);
    expect(on.turns.map(({ turn, attempt }) => [turn, attempt])[died]).toEqual([died + 1, 2]);
  }
});

test("a model is told once when its tree is an older one than its conversation says", async () => {
  await using on = await stage({ brain: saying(write("one"), write("two"), verdict(true), verdict(true)) });
  const power = new AbortController();
  const saveTurn = async (turn: (typeof on.turns)[number]) => {
    on.turns.push(turn);
    if (on.turns.length === 1) power.abort(new Error("SIGTERM"));
    return "stored" as const;
  };
  await expect(runAgent({ ...on.deps, saveTurn }, on.input({ signal: power.signal }))).rejects.toThrow("SIGTERM");
  const run = await runAgent(on.deps, on.input({ attempt: 2, earlierTurns: [...on.turns], treeLags: true }));
  expect(run.ending.kind).toBe("verdict");
  expect(on.refused).toEqual([]);
  expect(on.turns.map(({ notes = [] }) => notes.map(({ kind }) => kind).includes("tree-lags"))).toEqual([
    false,
    true,
    ...on.turns.slice(2).map(() => false),
  ]);
  expect(JSON.stringify(on.bodies()[1])).toContain("your last changes could not be kept");
});

test("a later round goes on from the last conversation, and its totals count on", async () => {
  await using on = await stage({ brain: saying(write("one"), verdict(true), verdict(true)) });
  const first = await runAgent(on.deps, on.input());
  const second = await runAgent(
    on.deps,
    on.input({ round: 2, earlierTurns: [...on.turns], before: first.totals, followUp: "Also say two." }),
  );
  expect(on.refused).toEqual([]);
  expect(second.ending.kind).toBe("verdict");
  expect(on.turns.filter(({ round }) => round === 2).map(({ turn }) => turn)).toEqual([1, 2, 3]);
  expect(second.totals.turns).toBe(6);
  const opening = on.bodies()[3]!.messages.at(-1)!.content as ApiBlock[];
  expect(opening.map(({ type }) => type)).toEqual(["tool_result", "text"]);
  expect(opening[1]!.text).toContain("<task>\nAlso say two.\n</task>");
});

test("a verdict that does not fit the tree is refused with the real git status", async () => {
  await using on = await stage({
    brain: saying(
      verdict(true),
      write("x"),
      verdict(false),
      calling("delete_file", { path: "new.txt" }),
      verdict(false),
    ),
  });
  const run = await runAgent(on.deps, on.input());
  expect(run.ending).toMatchObject({ kind: "verdict", verdict: { wereChangesNecessary: false } });
  expect(lastWords(on, 1)[0]).toContain("git status is empty");
  expect(lastWords(on, 3)[0]).toContain("A  new.txt");
});

test("the body of a pull request follows the repository's template: it is asked for once, with the change, in the template's own words", async () => {
  const text =
    "## What\n\n```\n# no heading\n```\n### How tested?\n## Screenshots (optional)\n## Notes\n<!-- Delete this section if not needed -->\n";
  const guidance = [{ path: ".github/pull_request_template.md", text, headings: demandedHeadings(text) }];
  const filled = verdict(true);
  filled.calls![0]!.input.pullRequestBody = "# what\nIt.\n\n## How tested\nBy hand.";
  await using on = await stage({ brain: saying(write("x"), verdict(true), filled) });
  const run = await runAgent(on.deps, on.input({ guidance }));
  expect(lastWords(on, 0)[0]).toContain("pullRequestBody follows its pull request template");
  expect(lastWords(on, 2)).toEqual([
    expect.stringMatching(/^Headings that pullRequestBody lacks:\n## What\n### How tested\?\n\nYour change:/),
    expect.stringMatching(/pullRequestBody does not follow \.github\/pull_request_template\.md.*report in full\.$/),
  ]);
  expect(run.ending).toMatchObject({ verdict: { pullRequestBody: filled.calls![0]!.input.pullRequestBody } });

  await using stubborn = await stage({ brain: saying(write("x"), verdict(true)) });
  expect((await runAgent(stubborn.deps, stubborn.input({ guidance }))).ending.kind).toBe("verdict");
  expect(stubborn.turns).toHaveLength(3);
  expect(demandedHeadings("Just words.")).toEqual([]);
});

test("a later round is shown what is new since the one before it, and lock files by their counts", async () => {
  const first = [write("one"), calling("write_file", { path: "package-lock.json", content: "{}\n".repeat(900) })];
  await using on = await stage({ brain: saying(...first, verdict(true), CONFIRMED) });
  const { totals } = await runAgent(on.deps, on.input());
  expect(lastWords(on)[0]).toMatch(/\n\+one\n.*\npackage-lock\.json: \+900 −0, a lock file\n$/s);
  const reviewed = Buffer.from((await on.tree.patch()).patch).toString("utf8");
  await using later = await stage({
    brain: saying(calling("write_file", { path: "b.txt", content: "b" }), verdict(true), CONFIRMED),
  });
  await later.tree.apply(Buffer.from(reviewed));
  await runAgent(later.deps, later.input({ reviewed, before: totals }));
  expect(lastWords(later)[0]).toMatch(
    /\+b\n.*\nAs in the round before, and not shown again: 2 files \(new\.txt and package-lock\.json\)\.\n$/s,
  );
  expect(lastWords(later)[0]).not.toContain("+one");
});

test("what a verdict is answered with has bounds, however much has changed", async () => {
  await using on = await stage({ brain: saying(verdict(false), verdict(true), verdict(true)) });
  const tree = {
    ...on.tree,
    status: async () => "A  x.txt\n".repeat(20_000),
    diff: async () => "+ y\n".repeat(50_000),
  };
  expect((await runAgent({ ...on.deps, tree }, on.input())).ending.kind).toBe("verdict");
  const [unfit, review] = [lastWords(on, 1)[0]!, lastWords(on, 2)[0]!];
  expect(unfit).toMatch(/^You report that no changes.*characters left out.*A {2}x\.txt\nIf the task/s);
  expect(unfit.length).toBeLessThan(5_000);
  expect(review).toMatch(/^Your change.*characters left out.*x\.txt\n.*characters left out.*\+ y\n$/s);
  expect(review.length).toBeLessThan(40_000);
});

const CONFIRMED = calling("report_verdict", { outcome: "confirmed" });
const failing = { command: "npm test", exitCode: 1, timedOut: false, durationMs: 1_200, tail: "1 failing" };

test("a check that fails comes back with the change; as long as each repair fails twice more, then the verdict stands", async () => {
  const repairs = ["two", "three", "four"].flatMap((words) => [write(words), verdict(true)]);
  await using on = await stage({ brain: saying(write("one"), verdict(true), ...repairs) });
  const checked: string[] = [];
  const verify = async () => {
    checked.push(await readFile(join(on.tree.folder, "new.txt"), "utf8"));
    return failing;
  };
  const run = await runAgent({ ...on.deps, verify }, on.input());
  expect(run.ending).toMatchObject({ kind: "verdict", verification: { exitCode: 1 } });
  expect(checked).toEqual(["one", "two", "three"]);
  expect(lastWords(on, 2)[0]).toMatch(
    /^The check failed\.\n\n\$ npm test\n\[exit code 1 after 1\.2 s\]\n1 failing\n\nYour change:\n/,
  );
  expect(lastWords(on, 4)).toEqual([
    "The check failed.\n\n$ npm test\n[exit code 1 after 1.2 s]\n1 failing",
    expect.stringMatching(/^The check failed on your change\. Put that right/),
  ]);
});

test("a tree that did not change is not checked again: a report that is confirmed or repeated stands with the failure", async () => {
  for (const answer of [CONFIRMED, verdict(true)]) {
    await using on = await stage({ brain: saying(write("x"), verdict(true, "It failed before."), answer) });
    let runs = 0;
    const verify = async () => ({ ...failing, durationMs: ++runs });
    const { ending } = await runAgent({ ...on.deps, verify }, on.input());
    expect(ending).toMatchObject({ kind: "verdict", verification: { exitCode: 1 } });
    if (answer === CONFIRMED) expect(ending).toMatchObject({ verdict: { summary: "It failed before." } });
    expect([runs, on.turns.length]).toEqual([1, 3]);
    expect(on.turns[2]).toMatchObject({
      check: { treeId: expect.stringMatching(/^[0-9a-f]{40}$/), result: failing.exitCode === 1 ? { exitCode: 1 } : {} },
    });
  }
});

test("the attempt after a crash knows the check of the one before", async () => {
  await using on = await stage({ brain: saying(write("x"), verdict(true), CONFIRMED) });
  let runs = 0;
  const verify = async () => ({ ...failing, exitCode: 0, durationMs: ++runs });
  await runAgent({ ...on.deps, verify }, on.input());
  const earlierTurns = JSON.parse(JSON.stringify(on.turns)) as typeof on.turns;
  const again = await runAgent({ ...on.deps, verify }, on.input({ attempt: 2, earlierTurns }));
  expect(again.ending).toMatchObject({
    kind: "verdict",
    verdict: { pullRequestTitle: "Change it" },
    verification: { exitCode: 0 },
  });
  expect(runs).toBe(1);
});

test.each([126, 127])("a check that ends with %i could not run, which ends it at once", async (exitCode) => {
  await using on = await stage({ brain: saying(write("x"), verdict(true)) });
  const verify = async () => ({ ...failing, exitCode, tail: "sh: 1: tox: not found" });
  const run = await runAgent({ ...on.deps, verify }, on.input());
  expect(run.ending).toMatchObject({ kind: "verdict", verification: { exitCode } });
  expect(on.turns).toHaveLength(2);
});

test("a check whose program was there before the change comes back with it", async () => {
  await using on = await stage({ brain: saying(write("x"), verdict(true), verdict(true)) });
  const verify = async () => ({ ...failing, exitCode: 127, tail: "sh: 1: tox: not found" });
  const run = await runAgent({ ...on.deps, verify, baseline: { ...failing, exitCode: 0 } }, on.input());
  expect(run.ending).toMatchObject({ kind: "verdict", verification: { exitCode: 127 } });
  expect(lastWords(on, 2)[0]).toMatch(/^The check failed\./);
});

test("a check that failed is run again after a command, which may have changed what no tree shows", async () => {
  const command = calling("run_command", { command: "true" });
  await using on = await stage({ brain: saying(write("x"), verdict(true), command, verdict(true)) });
  let runs = 0;
  const verify = async () => ({ ...failing, durationMs: ++runs });
  const tree = { ...on.tree, run: async () => ({ exitCode: 0, timedOut: false, durationMs: 1, output: "" }) };
  await runAgent({ ...on.deps, tree, verify }, on.input());
  expect(runs).toBe(2);
});

test("there is nothing to confirm before a report was answered, and a changed tree must fit the confirmed one", async () => {
  await using on = await stage({
    brain: saying(
      CONFIRMED,
      write("x"),
      verdict(true),
      calling("delete_file", { path: "new.txt" }),
      CONFIRMED,
      verdict(false),
    ),
  });
  const run = await runAgent(on.deps, on.input());
  expect(lastWords(on, 1)[0]).toMatch(/^There is no report of yours to confirm/);
  expect(lastWords(on, 5)[0]).toMatch(/^You report changes, but the working tree equals the base commit/);
  expect(run.ending).toMatchObject({ kind: "verdict", verdict: { wereChangesNecessary: false } });
});

test("a passing check is run once, and only when something changed", async () => {
  for (const [changed, times] of [
    [true, 1],
    [false, 0],
  ] as const) {
    const brain = changed ? saying(write("x"), verdict(true), CONFIRMED) : saying(verdict(false));
    await using on = await stage({ brain });
    let runs = 0;
    const verify = async () => ({ command: "true", exitCode: 0, timedOut: false, durationMs: ++runs, tail: "" });
    const run = await runAgent({ ...on.deps, verify }, on.input());
    expect(run.ending.kind).toBe("verdict");
    expect(runs).toBe(times);
  }
});

test("a model that stops without a verdict is reminded once, then the run fails", async () => {
  await using quick = await stage({ brain: saying({ text: "Hello." }, verdict(false)) });
  expect((await runAgent(quick.deps, quick.input())).ending.kind).toBe("verdict");
  await using never = await stage({ brain: saying({ text: "Hello." }) });
  expect((await runAgent(never.deps, never.input())).ending).toMatchObject({
    kind: "failed",
    reason: { code: "no-verdict" },
  });
  expect(never.turns).toHaveLength(2);
});

test("a call repeated four times gets a nudge and at six ends the run; three errors in a row likewise", async () => {
  await using same = await stage({ brain: saying(calling("read_file", { path: "README.md" })) });
  expect((await runAgent(same.deps, same.input())).ending).toMatchObject({ kind: "limit", which: "stuck" });
  expect(same.turns).toHaveLength(6);
  expect(lastWords(same, 4)[1]).toContain("You made the same calls 4 times");
  const misses = Array.from({ length: 9 }, (_, i) => calling("read_file", { path: `no-${i}` }));
  await using wrong = await stage({ brain: saying(...misses) });
  expect((await runAgent(wrong.deps, wrong.input())).ending).toMatchObject({
    kind: "limit",
    reason: { code: "stuck" },
  });
  expect(lastWords(wrong, 3)).toEqual([
    expect.stringContaining("There is no no-2."),
    expect.stringContaining("All calls of the last 3 turns failed."),
  ]);
});

test("at 80% there is one note, at the limit one last turn in which only the verdict counts", async () => {
  const reads = Array.from({ length: 20 }, (_, i) => calling("read_file", { path: "README.md", to_line: i + 1 }));
  await using on = await stage({
    brain: (request) => (lastTurn(request) ? verdict(false) : saying(...reads)(request)),
  });
  const run = await runAgent(on.deps, on.input({ limits: { maxTurns: 10, maxSeconds: 3_600 } }));
  expect(run.ending).toMatchObject({ kind: "limit", which: "turns", verdict: { wereChangesNecessary: false } });
  expect(on.turns).toHaveLength(10);
  const notes = on.turns.map((turn) => /Budget note|This is your last turn/.exec(JSON.stringify(turn.sent))?.[0]);
  expect(notes).toEqual([...Array(7).fill(undefined), "Budget note", undefined, "This is your last turn"]);

  await using busy = await stage({ brain: saying(...reads.slice(0, 2), write("late")) });
  const late = await runAgent(busy.deps, busy.input({ limits: { maxTurns: 3, maxSeconds: 3_600 } }));
  expect(late.ending).toEqual({ kind: "limit", which: "turns", reason: expect.objectContaining({ code: "turns" }) });
  expect(await busy.tree.status()).toBe("");
});

const lastTurn = (request: { messages: unknown[] }) => JSON.stringify(request.messages.at(-1)).includes("last turn");

test("a cost limit holds: no call without money, a last turn when little is left, max_tokens by what is left", async () => {
  await using broke = await stage();
  const none = await runAgent({ ...broke.deps, dollarsLeft: async () => 0 }, broke.input());
  expect(none.ending).toMatchObject({ kind: "limit", which: "dollars", reason: { code: "budget" } });
  expect(broke.bodies()).toEqual([]);
  await using poor = await stage({ brain: saying(verdict(false)) });
  const last = await runAgent({ ...poor.deps, dollarsLeft: async () => 0.03 }, poor.input());
  expect(last.ending).toMatchObject({ kind: "limit", which: "dollars", verdict: {} });
  expect(poor.bodies()[0]!.max_tokens).toBeLessThan(3_000);
  expect(JSON.stringify(poor.bodies()[0]!.messages)).toContain("last turn");
});

test("an unknown model works, with no price and never a wrong one", async () => {
  await using on = await stage({ extraModels: ["claude-next-9"], brain: saying(verdict(false)) });
  const run = await runAgent(on.deps, on.input({ model: "claude-next-9" }));
  expect(run.ending.kind).toBe("verdict");
  expect(run.totals.spendUsd).toBeNull();
  expect(on.turns[0]!.costUsd).toBeNull();
});

test("a cancel ends the run before the next model call; a lost lease or a taken turn stops it by throwing", async () => {
  await using on = await stage({ brain: saying(write("x"), write("y"), verdict(true)) });
  const heartbeat = async () => {
    if (on.turns.length === 1) throw new Cancelled();
  };
  expect((await runAgent({ ...on.deps, heartbeat }, on.input())).ending).toEqual({ kind: "cancelled" });
  expect(on.bodies()).toHaveLength(1);
  const lost = new Error("lease lost");
  await expect(runAgent({ ...on.deps, heartbeat: () => Promise.reject(lost) }, on.input())).rejects.toBe(lost);
  await expect(runAgent({ ...on.deps, saveTurn: async () => "exists" }, on.input())).rejects.toThrow(TurnTaken);
});

test("a cancel in the middle of an answer does not wait for it", async () => {
  await using on = await stage({ brain: () => ({ ...verdict(false), delayMs: 300_000 }) });
  const request = new AbortController();
  setTimeout(() => request.abort(new Cancelled()), 100);
  expect((await runAgent(on.deps, on.input({ signal: request.signal }))).ending).toEqual({ kind: "cancelled" });
});

test("what a tool reads is redacted before it is sent or stored", async () => {
  await using on = await stage({
    files: { ".env": "KEY=canary-123\n" },
    brain: saying(calling("read_file", { path: ".env" }), verdict(false)),
  });
  await runAgent({ ...on.deps, redact: (text) => text.replaceAll("canary-123", "[redacted]") }, on.input());
  expect(JSON.stringify([on.bodies(), on.turns])).not.toContain("canary-123");
  expect(lastWords(on)[0]).toContain("KEY=[redacted]");
});
