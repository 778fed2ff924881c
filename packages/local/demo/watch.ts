import { type JobRecord, spendOf } from "../../jobs/job-record.ts";
import { isAtRest } from "../../jobs/states.ts";
import type { SlackMessage, SlackWorkspace } from "../../stand-ins/slack/workspace.ts";
import { exactDollars } from "../../text/money.ts";
import { blockLines } from "./block-text.ts";

type Task = { task_id: string; title: string };

/** Prints a line whenever a task on the card says something new; `stop` ends it. */
export function printThread(workspace: SlackWorkspace, print: (line: string) => void) {
  const startedAt = Date.now();
  const shown = new Map<string, string>();
  const look = (message: SlackMessage) => {
    for (const { task_id, title } of tasksOf(message)) {
      if (shown.get(task_id) === title) continue;
      shown.set(task_id, title);
      print(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${title}`);
    }
  };
  return workspace.onMessage(look);
}

const tasksOf = ({ blocks = [] }: SlackMessage) =>
  blocks.flatMap((block) => (block.type === "plan" ? (block.tasks as Task[]) : []));

export const cardLines = (message: SlackMessage) => blockLines(message.blocks ?? []);

/** A row a repository: what it took. */
export function costTable({ runs }: JobRecord): string[] {
  const rows = runs.map((run) => {
    const { input, cacheRead, cacheWrite5m, cacheWrite1h, output } = run.usage;
    const seconds =
      run.startedAt && run.endedAt ? ((Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000).toFixed(1) : "";
    return [
      run.repository,
      run.state,
      String(run.turns),
      String(input + cacheRead + cacheWrite5m + cacheWrite1h),
      String(output),
      run.spendUsd === null ? "unknown" : exactDollars(run.spendUsd),
      seconds,
    ];
  });
  const total: string[] = ["all", "", "", "", "", exactDollars(spendOf({ runs })), ""];
  return columns([["repository", "state", "turns", "tokens in", "tokens out", "cost", "seconds"], ...rows, total]);
}

function columns(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}

export const allAtRest = ({ job, rounds, runs }: JobRecord) =>
  runs.length === job.repositories.length &&
  runs.every((run) => isAtRest(run.state)) &&
  rounds.every((round) => round.finishedAt);
