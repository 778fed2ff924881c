import { z } from "zod";
import type { Reason } from "../jobs/reasons.ts";
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
const RETRY = "Press Retry failed; what it has already paid for is kept.";
const ASK = "Ask whoever runs Cody to look at the execution; then press Retry failed.";

/** Why a task ended without a result, in words for the person who asked. */
export function reasonOfLost(step: LostStep, error?: TaskError): Reason {
  const who = step === "work" ? "The runner" : "Publishing";
  const code = (kind: string) => `${step}-${kind}`;
  if (!error) return { code: code("lost"), message: `${who} ended without a result.`, nextStep: RETRY };
  if (error.Error === "States.Timeout")
    return { code: code("timeout"), message: `${who} did not end in time and was stopped.`, nextStep: RETRY };

  const task = stoppedTask(error.Cause);
  const container = task?.Containers[0];
  if (container?.Reason?.startsWith("OutOfMemory"))
    return { code: code("memory"), message: `${who} ran out of memory.`, nextStep: ASK };
  if (task?.StopCode === "SpotInterruption")
    return { code: code("interrupted"), message: `${who} was interrupted too often.`, nextStep: RETRY };
  if (task?.StopCode === "TaskFailedToStart")
    return {
      code: code("not-started"),
      message: `${who} could not be started: ${inShort(task.StoppedReason)}`,
      nextStep: ASK,
    };
  if (task)
    return {
      code: code("lost"),
      message: `${who} stopped without a result (${container?.ExitCode == null ? "no exit code" : `exit code ${container.ExitCode}`}).`,
      nextStep: RETRY,
    };
  return {
    code: code("not-started"),
    message: `${who} could not be started (${error.Error}): ${inShort(error.Cause)}`,
    nextStep: ASK,
  };
}

function stoppedTask(cause: string) {
  try {
    return StoppedTask.safeParse(JSON.parse(cause)).data;
  } catch {
    return undefined; // not a task's description but a plain sentence, for example of a throttled RunTask
  }
}

const inShort = (text = "") => head(oneLine(text), 300) || "no reason given";
