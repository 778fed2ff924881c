import type { JobRecord } from "../../jobs/job-record.ts";
import { isAtRest } from "../../jobs/states.ts";
import type { SlackMessage, SlackWorkspace } from "../../stand-ins/slack/workspace.ts";
import { duration } from "../../text/duration.ts";
import { TASK_MARK } from "./block-text.ts";
import type { Screen } from "./screen.ts";

type Task = { task_id: string; title: string; status: string };

const TICK_MS = 1_000;
const ENDED = ["complete", "error"];

/** Shows what each task on the card says: in place in a terminal, else as a line for each change. Stops when told to. */
export function followTasks(workspace: SlackWorkspace, screen: Screen): () => void {
  const startedAt = Date.now();
  const shown = new Map<string, Task & { endedAfterMs?: number }>();
  const look = (message: SlackMessage) => {
    const afterMs = Date.now() - startedAt;
    for (const task of tasksOf(message)) {
      if (shown.get(task.task_id)?.title === task.title) continue;
      shown.set(task.task_id, { ...task, ...(ENDED.includes(task.status) && { endedAfterMs: afterMs }) });
      if (!screen.isLive) screen.say(`${(afterMs / 1000).toFixed(1).padStart(6)} s  ${task.title}`);
    }
    draw();
  };
  const draw = () =>
    screen.setFoot(
      [...shown.values()].map(({ title, status, endedAfterMs = Date.now() - startedAt }) => {
        const mark = TASK_MARK[status] ?? "?";
        return `  ${mark} ${title}  ${duration(endedAfterMs)}`;
      }),
    );
  const ticking = screen.isLive ? setInterval(draw, TICK_MS) : undefined;
  const stopLooking = workspace.onMessage(look);
  return () => {
    clearInterval(ticking);
    stopLooking();
    // The card says the rest.
    screen.setFoot([]);
  };
}

const tasksOf = ({ blocks = [] }: SlackMessage) =>
  blocks.flatMap((block) => (block.type === "plan" ? (block.tasks as Task[]) : []));

export const allAtRest = ({ job, rounds, runs }: JobRecord) =>
  runs.length === job.repositories.length &&
  runs.every((run) => isAtRest(run.state)) &&
  rounds.every((round) => round.finishedAt);
