import type { Figure } from "./figure.ts";
import { type CallsOfDay, commented, type Day, failing, followedDay, merged, moving } from "./followed-day.ts";
import { failingAThird, followedRun, type Run, slowly } from "./followed-run.ts";
import { DAY } from "./followed-world.ts";

/** Three hundred open pull requests. */
const JOBS = 60;
/** After which nothing waits for a call any more. */
const PASSES = 120;
/** What Lambda gives the watcher. */
const TIMEOUT_MS = 55_000;

type Budgeted = { name: string; day: Omit<Day, "jobs">; jobs?: number; goal: CallsOfDay };

/** What a day of an open pull request may ask of GitHub; docs/deploy.md has these figures. */
export const DAYS: Budgeted[] = [
  { name: "quiet for three weeks", day: { quietFor: 21 * DAY }, goal: { graphql: 0.1, points: 0.2, rest: 0 } },
  { name: "quiet", day: { quietFor: 2 * DAY }, goal: { graphql: 0.5, points: 1, rest: 0 } },
  { name: "just opened, all at once", day: {}, goal: { graphql: 3.5, points: 7, rest: 1 } },
  { name: "opened over the day", day: { isSpread: true }, goal: { graphql: 6.5, points: 8, rest: 3 } },
  { name: "moving: checks, review, merge", day: { happens: moving }, goal: { graphql: 4, points: 6.5, rest: 1 } },
  {
    name: "with comments, three times",
    day: { quietFor: 2 * DAY, happens: commented },
    goal: { graphql: 9.5, points: 12, rest: 5.5 },
  },
  {
    name: "failing, with a round on it",
    day: { quietFor: 2 * DAY, happens: failing },
    goal: { graphql: 3.5, points: 6.5, rest: 7 },
  },
  {
    name: "its set of five is merged",
    jobs: 2,
    day: { happens: merged },
    goal: { graphql: 5.5, points: 5.5, rest: 3.5 },
  },
];

const RUNS: { name: string; run: Omit<Run, "jobs" | "passes"> }[] = [
  { name: "GitHub as ever", run: {} },
  { name: "300 ms a call, comments on 100", run: { disturb: slowly, commented: 100 } },
  { name: "502 to a third, comments on 100", run: { disturb: failingAThird(), commented: 100 } },
];

/** What three hundred open pull requests ask of GitHub in a day, and of the watcher in a minute. */
export async function followedFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { name, day, goal, jobs = JOBS } of DAYS) {
    const calls = await followedDay({ jobs, ...day });
    const note = `GraphQL ${calls.graphql.toFixed(2)} (goal ${goal.graphql}), REST ${calls.rest.toFixed(2)} (goal ${goal.rest})`;
    figures.push({ name: `a day, ${name}`, value: calls.points, goal: goal.points, unit: "points", note });
    figures.push({
      name: `a day, ${name}: calls`,
      value: calls.graphql + calls.rest,
      goal: goal.graphql + goal.rest,
      unit: "calls",
      note: `of each of ${jobs * 5} open pull requests`,
    });
  }
  for (const { name, run } of RUNS) figures.push(...(await runFigures(name, run)));
  return figures;
}

async function runFigures(name: string, run: Omit<Run, "jobs" | "passes">): Promise<Figure[]> {
  const { passes, looks, lost, twice, memoryMb } = await followedRun({ jobs: JOBS, passes: PASSES, ...run });
  const most = (of: keyof (typeof passes)[number]) => Math.max(...passes.map((pass) => pass[of]));
  const note = [
    `${most("calls")} calls`,
    `${most("reads")} reads of ${most("readUnits").toFixed(0)} units`,
    `${most("writes")} writes of ${most("writeUnits").toFixed(0)} units at most`,
    `${Math.min(...looks)} to ${Math.max(...looks)} looks at each in ${PASSES} minutes`,
    `${memoryMb.toFixed(0)} MB more`,
  ].join(", ");
  return [
    { name: `a pass over ${JOBS * 5}, ${name}`, value: most("ms"), goal: TIMEOUT_MS, unit: "ms", note },
    { name: "of them lost, or looked at twice in a minute", value: lost + twice, goal: 0, unit: "wrong", note: "" },
  ];
}
