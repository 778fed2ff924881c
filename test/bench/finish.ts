import { runAgent } from "../../packages/agent/run-agent.ts";
import type { Turn } from "../../packages/conversation/conversation.ts";
import type { CommandResult } from "../../packages/jobs/outcome.ts";
import type { Brain, Reply } from "../../packages/stand-ins/claude/brain.ts";
import { type Done, knownConversationOf } from "../../packages/stand-ins/claude/conversation.ts";
import { calling, stage } from "../agent/stage.ts";
import type { Figure } from "./figure.ts";

/** A conversation as a capable model leads it: what it does, what its check says, and how it goes about the end. */
type Script = {
  name: string;
  files?: Record<string, string>;
  steps: Reply[];
  report: Reply;
  /** In turn; the last one again and again. Absent: the job has no check. */
  checks?: CommandResult[];
  /** What it changes when the check fails, in turn. */
  repairs?: Reply[];
  template?: string;
  maxTurns?: number;
  followUp?: { prompt: string; steps: Reply[]; report: Reply };
};

const GOAL_PERCENT = 10;

/** About four kilobytes a file, as sources have. */
const source = (name: string) =>
  Array.from({ length: 80 }, (_, i) => `  export const ${name}${i} = (value: number) => value * ${i} + offset;`).join(
    "\n",
  );
const SOURCES = Object.fromEntries(
  Array.from({ length: 12 }, (_, i) => [`src/part${i}.ts`, `${source(`part${i}`)}\n`]),
);
const reads = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    ...calling("read_file", { path: `src/part${i}.ts` }),
    thinking: `The task names what part${i} does, so I look at how it is written and who calls it before I touch it.`,
  }));
const write = (path: string, lines: number): Reply => ({
  ...calling("write_file", {
    path,
    content: `${"A line of a file as people write it, of some length.\n".repeat(lines)}`,
  }),
  thinking: "I write what the callers need, in the style of the files around it.",
});
const WORK = [...reads(9), write("src/new.ts", 60), calling("search", { pattern: "offset" }), ...reads(2)];

const BODY = `## What\n${"The reviewer reads what changed, why, and how it was checked, in a few sentences. ".repeat(12)}\n## How tested\n${"Each case was looked at once. ".repeat(10)}`;
const report = (outcome: "changed" | "not-needed" | "blocked"): Reply => ({
  thinking: "All of it is done and looked at: I report what a reviewer needs to know, and nothing else.",
  calls: [
    {
      name: "report_verdict",
      input: {
        outcome,
        missing: outcome === "blocked" ? "A registry that has the new version." : "",
        summary: "What was found and what was done about it, in one paragraph for a reviewer. ".repeat(5),
        evidence: [1, 2, 3, 4].map((n) => ({
          path: `src/part${n}.ts`,
          note: "calls it, and holds the value that decides",
        })),
        pullRequestTitle: outcome === "changed" ? "Raise the offset where it is used" : "",
        pullRequestBody: outcome === "changed" ? BODY : "",
      },
    },
  ],
});
const ended = (exitCode: number, lines = 40): CommandResult => ({
  command: "npm test",
  exitCode,
  timedOut: false,
  durationMs: 48_000,
  tail: "    ok 17 - a case that says what it looks at\n".repeat(lines),
});

const SCRIPTS: Script[] = [
  { name: "right at once", steps: WORK, report: report("changed"), checks: [ended(0)] },
  { name: "no check", steps: WORK, report: report("changed") },
  {
    name: "red once",
    steps: WORK,
    report: report("changed"),
    checks: [ended(1), ended(0)],
    repairs: [write("src/new.ts", 62)],
  },
  { name: "red, not by the change", steps: WORK, report: report("changed"), checks: [ended(1)] },
  { name: "check that cannot run", steps: WORK, report: report("changed"), checks: [ended(127, 1)] },
  {
    name: "large lock file",
    steps: [...WORK, write("package-lock.json", 4_000)],
    report: report("changed"),
    checks: [ended(0)],
  },
  {
    name: "follow-up over 36 files",
    steps: [...reads(9), ...Array.from({ length: 36 }, (_, i) => write(`src/more/f${i}.ts`, 8))],
    report: report("changed"),
    checks: [ended(0)],
    followUp: {
      prompt: "Also say it in the changelog.",
      steps: [...reads(4), write("CHANGELOG.md", 20)],
      report: report("changed"),
    },
  },
  {
    name: "cost limit or turns reached",
    steps: [...WORK, ...reads(9)],
    report: report("changed"),
    checks: [ended(0)],
    maxTurns: 15,
  },
  { name: "blocked", steps: WORK, report: report("blocked"), checks: [ended(0)] },
  { name: "not needed", steps: reads(10), report: report("not-needed"), checks: [ended(0)] },
  {
    name: "template with optional headings",
    steps: WORK,
    report: report("changed"),
    checks: [ended(0)],
    template: "## What\n## How tested\n## Screenshots (optional)\n",
  },
];

const isReport = ({ name }: Done) => name === "report_verdict";

/** Does its steps and reports; puts right what fails as long as it knows how; a report that stands is confirmed where that can be said. */
function author({ steps, report: full, repairs = [] }: Pick<Script, "steps" | "report" | "repairs">): Brain {
  const short = calling("report_verdict", { outcome: "confirmed" });
  return (request) => {
    const { steps: done, turns, isLastTurn } = knownConversationOf(request);
    if (isLastTurn) return full;
    const last = done.at(-1);
    if (turns < steps.length) return steps[turns]!;
    if (!last || !isReport(last)) return full;
    const repaired = done.slice(done.findIndex(isReport)).filter((one) => !isReport(one)).length;
    if (/^The check failed/.test(last.result) && repairs[repaired]) return repairs[repaired];
    return JSON.stringify(request.tools).includes('"confirmed"') ? { thinking: "It stands.", ...short } : full;
  };
}

const cost = (turns: readonly Turn[]) => turns.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);

function afterReport(turns: readonly Turn[]): readonly Turn[] {
  const at = turns.findIndex(({ received }) => received.content.some(({ name }) => name === "report_verdict"));
  return at === -1 ? [] : turns.slice(at + 1);
}

/** What a script costs in all, and behind its first reports: one a round. */
async function played(script: Script): Promise<{ usd: number; afterUsd: number; turns: number; checks: number }> {
  const { checks, template, maxTurns = 100, followUp } = script;
  let brain = author(script);
  await using on = await stage({ files: { ...SOURCES, ...script.files }, brain: (request) => brain(request) });
  let ran = 0;
  const verify = async () => checks![Math.min(ran++, checks!.length - 1)]!;
  const deps = { ...on.deps, ...(checks && { verify }) };
  const headings = template?.match(/^## .*$/gm)?.filter((heading) => !heading.includes("optional"));
  const guidance = template ? [{ path: "PULL_REQUEST_TEMPLATE.md", text: template, headings: headings! }] : [];
  const limits = { maxTurns, maxSeconds: 3_600 };
  const first = await runAgent(deps, on.input({ guidance, limits }));
  if (followUp) {
    brain = author(followUp);
    const { totals: before } = first;
    const reviewed = Buffer.from((await on.tree.patch()).patch).toString("utf8");
    const more = { round: 2, earlierTurns: [...on.turns], before, followUp: followUp.prompt, reviewed };
    await runAgent(deps, on.input({ guidance, limits, ...more }));
  }
  const rounds = [1, 2].map((round) => on.turns.filter((turn) => turn.round === round));
  return {
    usd: cost(on.turns),
    afterUsd: rounds.reduce((sum, turns) => sum + cost(afterReport(turns)), 0),
    turns: on.turns.length,
    checks: ran,
  };
}

const percent = (part: number, all: number) => (100 * part) / all;

/** How much of what conversations cost comes behind their first report. */
export async function finishFigures(): Promise<Figure[]> {
  const results: { name: string; usd: number; afterUsd: number; turns: number; checks: number }[] = [];
  for (const script of SCRIPTS) results.push({ name: script.name, ...(await played(script)) });
  const sum = (of: "usd" | "afterUsd") => results.reduce((total, result) => total + result[of], 0);
  const each = results.map(
    ({ name, usd, afterUsd, turns, checks }) =>
      `${name} ${percent(afterUsd, usd).toFixed(0)} % of ${turns} turns, ${checks} ${checks === 1 ? "check" : "checks"}`,
  );
  return [
    {
      name: `cost after the first verdict, ${SCRIPTS.length} conversations`,
      value: percent(sum("afterUsd"), sum("usd")),
      goal: GOAL_PERCENT,
      unit: "%",
      note: each.join("; "),
    },
  ];
}
