import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { average, type Figure, median } from "./figure.ts";
import type { Rig, Submit } from "./rig.ts";
import { type TaskEnd, workEnds } from "./task-logs.ts";

const TURNS = 20;
const THINK_MS = 500;

/** The last turn of bench mode is its verdict. */
export const benchPrompt = (turns: number, delayMs: number) => `[bench turns=${turns - 1} delay=${delayMs}]`;

export type JobRun = {
  wallMs: number;
  firstRequestMs: number;
  lastFirstRequestMs: number;
  firstRequestBytes: number;
  /** Methods, one a call. */
  slackCalls: string[];
  /** From the press of Run to the closing reply. */
  shownMs: number;
  ends: TaskEnd[];
};

/** Five repositories side by side, each 20 turns of half a second: the job that the goals speak of. */
export async function runJob(rig: Rig, turns = TURNS, delayMs = THINK_MS): Promise<JobRun> {
  const submit = await rig.submit(benchPrompt(turns, delayMs), rig.names.slice(0, 5));
  const { record, shownAt } = await rig.ended(submit);
  mustHaveWorked(record, turns);
  const requests = rig.claude.requests().filter(({ at }) => at >= submit.submittedAt);
  const first = requests.filter(({ body }) => body?.messages.length === 1);
  const since = (at: number) => at - submit.submittedAt;
  return {
    wallMs: since(Date.parse(record.rounds[0]!.finishedAt!)),
    firstRequestMs: since(Math.min(...first.map(({ at }) => at))),
    lastFirstRequestMs: since(Math.max(...first.map(({ at }) => at))),
    firstRequestBytes: Math.max(...first.map(({ bytes }) => bytes)),
    slackCalls: slackCalls(rig, submit),
    shownMs: since(shownAt),
    ends: workEnds(rig.folder, submit.jobId),
  };
}

export function mustHaveWorked({ job, runs }: JobRecord, turns: number) {
  const wrong = runs.find((run) => run.state !== "unchanged" || run.turns !== turns);
  if (wrong)
    throw new Error(
      `${wrong.repository} of job ${job.jobId}: ${wrong.state} after ${wrong.turns} turns, ${wrong.reason?.message}`,
    );
}

/** Everything that the app asked of Slack because of this job; the modal belongs to the person. */
const slackCalls = ({ slack }: Rig, { submittedAt }: Submit) =>
  slack.calls
    .filter(({ atMs, method }) => atMs >= submittedAt && !method.startsWith("views."))
    .map(({ method }) => method);

/** Over several runs of that job, medians. `idle`: a run of one turn, whose CPU is what a runner costs without turns. */
export function jobFigures(runs: JobRun[], idle: JobRun): Figure[] {
  const middle = (of: (run: JobRun) => number) => median(runs.map(of));
  const cpuMs = ({ ends }: JobRun) => average(ends.map((end) => end.cpuMs));
  const ideal = TURNS * THINK_MS;
  /** The card, its last change, the closing reply; and its link: what makes lists and pull requests may not ask for one. */
  const callsFor = (shownMs: number) => 4 + Math.floor(shownMs / 3_000);
  return [
    {
      name: "job wall time over the ideal path",
      value: middle(({ wallMs }) => wallMs) / ideal,
      goal: 1.1,
      unit: "x",
      note: `5 repositories, ${TURNS} turns of ${THINK_MS} ms: ${ideal} ms ideal, ${Math.round(middle(({ wallMs }) => wallMs))} ms from submit to the round's end; median of ${runs.length}`,
    },
    {
      name: "submit to the first model request",
      value: middle(({ firstRequestMs }) => firstRequestMs),
      goal: 1_500,
      unit: "ms",
      note: `the same job; the last of its 5 runners asks after ${Math.round(middle(({ lastFirstRequestMs }) => lastFirstRequestMs))} ms`,
    },
    {
      name: "harness CPU per turn",
      value: (middle(cpuMs) - cpuMs(idle)) / (TURNS - 1),
      goal: 10,
      unit: "ms",
      note: `runner process alone: ${Math.round(middle(cpuMs))} ms for ${TURNS} turns less ${Math.round(cpuMs(idle))} ms for one`,
    },
    {
      name: "peak memory of a runner",
      value: Math.max(...runs.flatMap(({ ends }) => ends.map(({ peakMb }) => peakMb))),
      goal: 150,
      unit: "MB",
      note: "VmHWM, the highest of all these runners",
    },
    {
      name: "first request",
      value: Math.max(...runs.map(({ firstRequestBytes }) => firstRequestBytes)),
      goal: 8_192,
      unit: "bytes",
      note: "body as it arrived at the model's server",
    },
    {
      name: "Slack calls per job",
      value: middle(({ slackCalls }) => slackCalls.length),
      goal: callsFor(middle(({ shownMs }) => shownMs)),
      unit: "calls",
      note: `goal: 4, and 1 per 3 s of the ${(middle(({ shownMs }) => shownMs) / 1_000).toFixed(1)} s from submit to the closing reply; the last job: ${counted(runs.at(-1)!.slackCalls)}`,
    },
    {
      name: "Slack calls of a short job",
      value: idle.slackCalls.length,
      goal: callsFor(idle.shownMs),
      unit: "calls",
      note: `one turn, ${(idle.shownMs / 1_000).toFixed(1)} s from submit to the closing reply: ${counted(idle.slackCalls)}`,
    },
  ];
}

const counted = (names: string[]) =>
  [...Map.groupBy(names, (name) => name)].map(([name, calls]) => `${calls.length} ${name}`).join(", ");
