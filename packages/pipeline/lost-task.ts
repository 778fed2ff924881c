import { z } from "zod";
import { because, type Reason } from "../jobs/reasons.ts";
import { head } from "../text/cut.ts";
import { oneLine } from "../text/lines.ts";

/** What Catch leaves in `$.error`: the error's name and, for a task, its ECS description as a JSON string. */
export const TaskError = z.object({ Error: z.string(), Cause: z.string().default("") });
export type TaskError = z.infer<typeof TaskError>;

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html, spelled as Step Functions spells it. */
const StoppedTask = z.object({
  StopCode: z.string().optional(),
  StoppedReason: z.string().optional(),
  Containers: z.array(z.object({ ExitCode: z.number().nullish(), Reason: z.string().nullish() })).default([]),
});

type LostStep = "work" | "publish";
/** Why a task ended without a result, in words for the person who asked. */
export function reasonOfLost(step: LostStep, error?: TaskError): Reason {
  const code = <Kind extends string>(kind: Kind) => `${step}-${kind}` as const;
  if (!error) return because(code("lost"), "silent");
  if (error.Error === "States.Timeout") return because(code("timeout"));

  const task = stoppedTask(error.Cause);
  const container = task?.Containers[0];
  if (container?.Reason?.startsWith("OutOfMemory")) return because(code("memory"));
  if (task?.StopCode === "SpotInterruption") return because(code("interrupted"));
  if (task?.StopCode === "TaskFailedToStart") return because(code("not-started"), inShort(task.StoppedReason));
  if (task) return because(code("lost"), { exitCode: container?.ExitCode ?? null });
  return because(code("not-started"), inShort(error.Cause), error.Error);
}

function stoppedTask(cause: string) {
  try {
    return StoppedTask.safeParse(JSON.parse(cause)).data;
  } catch {
    return undefined; // not a task's description but a plain sentence, for example of a throttled RunTask
  }
}

const inShort = (text = "") => head(oneLine(text), 300) || "no reason given";
