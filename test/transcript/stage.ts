import { runAgent } from "../../packages/agent/run-agent.ts";
import { actionOf } from "../../packages/agent/tools/create-tools.ts";
import type { ContentBlock, Turn } from "../../packages/conversation/conversation.ts";
import { conversationOf, entriesOf } from "../../packages/conversation/entries.ts";
import { gateway } from "../../packages/stand-ins/forge/samples/gateway.ts";
import { orders } from "../../packages/stand-ins/forge/samples/orders.ts";
import { renderTranscript, type Transcript } from "../../packages/transcript/render-transcript.ts";
import { stage } from "../agent/stage.ts";
import { AT, aVerdict, JOB_ID } from "../builders.ts";
import { aCall, aResult, aText, aTurn, fromModel, fromUser } from "../turn-builders.ts";

const START = Date.parse(AT);

/** A stored turn, 4 s long, half a minute after the one before it, its context growing by 500 tokens. */
export function turn(
  number: number,
  asked: ContentBlock[],
  answered: ContentBlock[],
  changes: Partial<Turn> = {},
): Turn {
  const requestedAt = START + number * 30_000;
  return aTurn({
    turn: number,
    sent: [fromUser(...asked)],
    received: fromModel(...answered),
    messageId: `msg_${number}`,
    usage: { input: 10, cacheWrite5m: 490, cacheWrite1h: 0, cacheRead: (number - 1) * 500, output: 100 },
    costUsd: 0.002 + number * 0.00001,
    requestedAt: new Date(requestedAt).toISOString(),
    answeredAt: new Date(requestedAt + 4_000).toISOString(),
    ...changes,
  });
}

export const pageOf = (transcript: Transcript) => renderTranscript(transcript, actionOf);

export function transcriptOf(turns: readonly Turn[], changes: Partial<Transcript> = {}): Transcript {
  const model = turns.at(-1)?.model ?? "claude-sonnet-5-5";
  return {
    conversation: {
      jobId: JOB_ID,
      repository: "acme/orders",
      round: 1,
      model,
      scripted: model.startsWith("scripted-"),
      system: "You are Cody.",
      tools: [{ name: "read_file", description: "Reads." }],
      entries: turns.flatMap(entriesOf),
    },
    turns,
    outcome: { ending: "unchanged", startedAt: new Date(START).toISOString(), endedAt: "2026-11-22T12:05:30.000Z" },
    prompt: "Look around.",
    baseCommit: "0123456789abcdef0123456789abcdef01234567",
    ...changes,
  };
}

const VERDICT = aVerdict({
  summary: "One property held the version; it is raised.",
  evidence: [{ path: "pom.xml", note: "line 11: was 2.14.1" }],
  pullRequestTitle: "Raise log4j-core",
  pullRequestBody: "Because of CVE-2021-44228.",
});

/** Four turns with something of everything: words, thinking, looking, changing, a tool of tomorrow, a note, a verdict. */
const story = (): Turn[] => [
  turn(
    1,
    [aText("Raise it.")],
    [
      aText("I look first."),
      aCall("a", "list_files", { glob: "**/pom.xml" }),
      aCall("b", "read_file", { path: "pom.xml", from_line: 1, to_line: 40 }),
    ],
  ),
  turn(
    2,
    [aResult("a", "pom.xml 900"), aResult("b", "    1\t<project>")],
    [aCall("c", "search", { pattern: "log4j", glob: "*.xml" })],
  ),
  turn(
    3,
    [aResult("c", "pom.xml:11: log4j")],
    [
      { type: "thinking", thinking: "One property decides.", signature: "s" },
      aCall("d", "edit_file", { path: "pom.xml", old_text: "2.14.1", new_text: "2.17.1" }),
      aCall("e", "new_tool", { depth: 2, names: ["a", "b"] }),
    ],
  ),
  turn(
    4,
    [aResult("d", "Edited pom.xml at line 11."), aResult("e", "No such tool.", true), aText("Budget note: 80%")],
    [aCall("f", "report_verdict", VERDICT)],
  ),
];

export const storyTranscript = (): Transcript =>
  transcriptOf(story(), {
    prompt: "Raise log4j-core to 2.17.1.",
    outcome: {
      ending: "changed",
      verdict: VERDICT,
      verification: { command: "mvn verify", exitCode: 1, timedOut: false, durationMs: 14_200, tail: "1 failing\n" },
      startedAt: "2026-11-22T12:00:00Z",
      endedAt: "2026-11-22T12:02:04Z",
    },
    patch: Buffer.from(`diff --git a/pom.xml b/pom.xml
index ${"1".repeat(40)}..${"2".repeat(40)} 100644
--- a/pom.xml
+++ b/pom.xml
@@ -10,3 +10,3 @@ <project>
   <properties>
-    <log4j2.version>2.14.1</log4j2.version>
+    <log4j2.version>2.17.1</log4j2.version>
   </properties>
`),
  });

/** `count` turns, each with a sentence and a read file of some 2 KB. */
export function longRun(count: number): Turn[] {
  const page = Array.from(
    { length: 40 },
    (_, i) => `${String(i + 1).padStart(5)}\tint line${i} = ${i} * seed; // text`,
  );
  return Array.from({ length: count }, (_, i) => {
    const n = i + 1;
    const asked = i === 0 ? [aText("Look around.")] : [aResult(`t${i}`, page.join("\n"))];
    const said = n % 3 === 0 ? [aText(`Now file ${n}, because the one before it uses it.`)] : [];
    return turn(n, asked, [...said, aCall(`t${n}`, "read_file", { path: `src/File${n}.java` })]);
  });
}

/** What the scripted model really does in two of the samples, with the patch that git takes from it. */
export async function scriptedTranscript(): Promise<Transcript> {
  await using on = await stage({ files: { ...filesOf(orders), ...filesOf(gateway) } });
  const { baseCommit } = on.tree;
  const now = () => {
    on.clock.ms += 900;
    return new Date(on.clock.ms);
  };
  const prompt = "Raise log4j-core to at least 2.17.1, and the npm package minimist to at least 1.2.8.";
  const { ending, model, prefix } = await runAgent(
    { ...on.deps, now },
    on.input({ prompt, baseCommit, repository: "acme/orders" }),
  );
  if (ending.kind !== "verdict") throw new Error(`The script ended as ${ending.kind}.`);
  return {
    conversation: conversationOf(on.turns, { jobId: JOB_ID, repository: "acme/orders", round: 1, model, prefix }),
    turns: on.turns,
    outcome: {
      ending: "changed",
      verdict: ending.verdict,
      startedAt: on.turns[0]!.requestedAt,
      endedAt: on.turns.at(-1)!.answeredAt,
      verification: {
        command: "node --test",
        exitCode: 0,
        timedOut: false,
        durationMs: 1_420,
        tail: "# tests 4\n# pass 4\n# fail 0\n",
      },
    },
    patch: (await on.tree.patch()).patch,
    prompt,
    baseCommit,
  };
}

function filesOf({ from }: typeof orders): Record<string, string> {
  if (!from || !("commits" in from)) throw new Error("This sample has no commits of its own.");
  return Object.assign({}, ...from.commits.map(({ files }) => files));
}
