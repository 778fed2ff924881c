import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { Transcript } from "../../packages/transcript/render-transcript.ts";
import { aVerdict } from "../builders.ts";
import { aCall, aResult, aText } from "../turn-builders.ts";
import { longRun, pageOf, scriptedTranscript, storyTranscript, transcriptOf, turn } from "./stage.ts";

/** What a reader sees, in order: no markup, no blank lines. */
const wordsOf = (markup: string) =>
  markup
    .replace(/<(style|script|desc)\b[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]*>/g, "\n")
    .replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => ({ lt: "<", gt: ">", quot: '"', "#39": "'" })[name] ?? "&")
    .split(/\s*\n\s*/)
    .filter((line) => line !== "");

const panel = (page: string, id: string) =>
  page.slice(page.indexOf(`id="${id}"`)).split(/<div class="panel"|<p class="quiet" id="nothing-found"/, 1)[0]!;

describe("the page of a conversation", () => {
  const page = pageOf(storyTranscript());

  it("begins with figures", () => {
    expect(wordsOf(page).join(" ")).toContain(
      "cost $0.0081 time 2 min 4 s turns 4 tokens sent 5.0k from cache 60% tokens written 400",
    );
  });

  it.each(["simplified", "technical", "diff"])("reads well: %s", (view) => {
    expect(wordsOf(panel(page, view)).join("\n")).toMatchSnapshot();
  });
});

describe("the page of what the scripted model did", () => {
  let transcript: Transcript;
  let page: string;
  beforeAll(async () => {
    transcript = await scriptedTranscript();
    page = pageOf(transcript);
  });

  it("says in the technical view how each turn went, and shows every call with its result", () => {
    const technical = wordsOf(panel(page, "technical"));
    expect(technical.filter((line) => /^Turn \d/.test(line))).toEqual(transcript.turns.map((_, i) => `Turn ${i + 1}`));
    const results = transcript.conversation.entries.filter(({ type }) => type === "tool_result");
    expect(panel(page, "technical").match(/<pre class="result">/g)).toHaveLength(results.length);
    expect(technical).toContain("The round ended with this call.");
    expect(technical.join("\n")).toMatch(
      /Turn 2\n12:00:\d\d\n0\.9 s\nsent [\d.]+k,\n\d+%\ncached\ngot \d+\n\$0\.00\d\d/,
    );
  });

  it("marks all words of the script as scripted, and its dollars as simulated", () => {
    const said = transcript.conversation.entries.filter(
      ({ role, content }) => role === "assistant" && ["text", "thinking"].includes(content.type),
    );
    expect(panel(page, "technical").match(/class="chip scripted"/g)).toHaveLength(said.length);
    expect(wordsOf(page).join("\n")).toContain("no model was asked, and the dollars are simulated");
  });

  it("is the same bytes for the same input", () => {
    expect(pageOf(structuredClone(transcript))).toBe(page);
  });
});

describe("one self-contained page", () => {
  const page = pageOf(transcriptOf(longRun(3)));

  it("names nothing outside of itself", () => {
    expect(page).not.toMatch(
      /\b(?:src|srcset|action|ping|poster|data)=|url\(|@import|<(?:link|base|form|iframe|img)\b/,
    );
    expect([...page.matchAll(/href="([^"]*)"/g)].filter(([, target]) => !/^#(?:turn|file)-\d+$/.test(target!))).toEqual(
      [],
    );
  });

  it("allows its own style and script by their hashes, and nothing else", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll("&#39;", "'");
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
    for (const element of ["style", "script"]) {
      const own = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(page)![1]!;
      expect(policy).toContain(`${element}-src 'sha256-${createHash("sha256").update(own).digest("base64")}'`);
    }
    expect(page).not.toMatch(/\sstyle=|\son\w+=/);
  });
});

describe("how runs end", () => {
  const told = (turns = longRun(2), changes: Partial<Transcript> = {}) =>
    wordsOf(panel(pageOf(transcriptOf(turns, changes)), "simplified")).join("\n");
  const times = { startedAt: "2026-11-22T12:00:00Z", endedAt: "2026-11-22T12:01:00Z" };

  it("without any turn there is still a page", () => {
    const reason = { code: "empty", message: "The repository is empty.", nextStep: "Push a first commit." };
    const words = told([], { outcome: { ending: "failed", reason, ...times } });
    expect(words).toContain("Failed\nThe repository is empty. Push a first commit.");
  });

  it("answers that never arrived stand beside the cost, as an estimate", () => {
    const figures = (lost?: Transcript["lost"]) =>
      wordsOf(pageOf(transcriptOf(longRun(2), { lost })).split("</nav>", 1)[0]!).join("\n");
    expect(figures({ turns: 2, usd: 0.0312 })).toContain("2 turns lost\nabout $0.0312");
    expect(figures()).not.toContain("lost");
  });

  it("a limit says why, what is kept, and that nothing verified it", () => {
    const reason = { code: "budget", message: "The cost limit of $5 is used up.", nextStep: "Raise the cost limit." };
    const verdict = aVerdict({ summary: "Half done.", evidence: [] });
    const words = told(longRun(2), { outcome: { ending: "partial", reason, verdict, ...times } });
    expect(words).toContain(
      "Stopped before the end, with what was done so far\nThe cost limit of $5 is used up. Raise the cost limit.",
    );
    expect(words).toContain("No check was run on this change.");
  });

  it("a failing command is told from a failing tool, and a verdict that was sent back from one that counts", () => {
    const verdict = { summary: "Done.", evidence: [], pullRequestTitle: "Do", pullRequestBody: "Done." };
    const report = (id: string) => aCall(id, "report_verdict", { wereChangesNecessary: true, ...verdict });
    const turns = [
      turn(
        1,
        [aText("Do.")],
        [aCall("a", "run_command", { command: "npm test" }), aCall("b", "read_file", { path: "no" })],
      ),
      turn(
        2,
        [aResult("a", "[exit code 1 after 3.2 s]\n1 failing"), aResult("b", "There is no file no.", true)],
        [report("c")],
        { commands: { a: { exitCode: 1, timedOut: false, durationMs: 3_200 } } },
      ),
      turn(3, [aResult("c", "git status is empty.", true)], [report("d")]),
      turn(4, [aResult("d", "Review your change once.")], [report("e")]),
      turn(5, [], [aText("I stop here.")], { stopReason: "max_tokens" }),
    ];
    const words = told(turns);
    expect(words).toContain("ran npm test: exit code 1 after 3.2 s\nfailed\nread no\nfailed");
    expect(words).toContain("reported that changes were necessary, which did not fit the tree");
    expect(words).toContain("reported that changes were necessary, and was asked to check again");
    expect(words).toContain("The answer was cut off at the output limit.");
  });

  it("a model without a price shows no invented dollars and no cost chart", () => {
    const turns = longRun(3).map((one) => ({ ...one, costUsd: null }));
    const page = pageOf(transcriptOf(turns));
    expect(wordsOf(page).join("\n")).toContain("cost\nno known price");
    expect(page).not.toContain("chart-cost");
    expect(page).toContain("chart-context");
  });

  it("a thousand long answers keep the page small, and the page says that it left something out", () => {
    const long = "x".repeat(40_000);
    const turns = Array.from({ length: 1_000 }, (_, i) =>
      turn(i + 1, i ? [aResult(`t${i}`, long)] : [aText("Go.")], [aCall(`t${i + 1}`, "read_file", { path: "big" })]),
    );
    const page = pageOf(transcriptOf(turns));
    expect(page.length).toBeLessThan(20_000_000);
    expect(page).toMatch(/\[\.\.\. [\d,]+ characters left out \.\.\.\]/);
  });
});
