import { once } from "node:events";
import type { MachineResources, TaskEnd, TaskRequest } from "../../../packages/stand-ins/stepfunctions/resources.ts";

/** What AWS does to a repository's task of its own accord. Each is used up by the next RunTask that it fits. */
export type FargateEvent = { repository: string } /** RunTask is asked too often. */ & (
  | { kind: "throttled" }
  /** Spot takes its machine back once `notice` is there: SIGTERM, then SIGKILL. */
  | { kind: "spot"; notice: Promise<unknown> }
  /** The container ends with an exit code and without an outcome. */
  | { kind: "crash" }
  /** No machine is free until then. */
  | { kind: "waits"; until: Promise<unknown> }
);

/** One RunTask, and how it ended: an exit code, a stop code, or the error that it answered with. */
type Ran = { repository: string; task: string; provider: string; ended: string };

/** Fargate: what was expected happens to a task, then `run` runs it. */
export function createFargate(run: MachineResources["runTask"]) {
  const expected: FargateEvent[] = [];
  const ran: Ran[] = [];

  async function runTask(request: TaskRequest): Promise<TaskEnd> {
    const { environment, taskDefinition, capacityProvider: provider } = request;
    const repository = environment.CODY_REPOSITORY!;
    const entry: Ran = { repository, task: /(Work|Publish)Task/.exec(taskDefinition)![1]!, provider, ended: "" };
    ran.push(entry);
    const fits = (one: FargateEvent) =>
      one.repository === repository && (one.kind !== "spot" || provider === "FARGATE_SPOT") && entry.task === "Work";
    const [event] = expected.splice(expected.findIndex(fits) >>> 0, 1);
    try {
      const end = await under(event, request);
      entry.ended = end.stopCode ?? `exit ${end.exitCode}`;
      return end;
    } catch (error) {
      entry.ended = (error as Error).name;
      throw error;
    }
  }

  async function under(event: FargateEvent | undefined, request: TaskRequest): Promise<TaskEnd> {
    switch (event?.kind) {
      case "throttled":
        throw Object.assign(new Error("Rate exceeded (Service: AmazonECS; Error Code: ThrottlingException)"), {
          name: "ECS.AmazonECSException",
        });
      case "crash":
        return { exitCode: 1 };
      case "waits":
        await Promise.race([event.until, once(request.signal, "abort")]);
        return request.signal.aborted ? { exitCode: null, stopCode: "UserInitiated" } : run(request);
      case "spot": {
        const taken = new AbortController();
        void event.notice.then(() => taken.abort());
        const end = await run({ ...request, signal: AbortSignal.any([request.signal, taken.signal]) });
        return { ...end, stopCode: "SpotInterruption", stoppedReason: "Your Spot Task was interrupted." };
      }
      case undefined:
        return run(request);
    }
  }

  return { runTask, ran, expect: (...more: FargateEvent[]) => void expected.push(...more) };
}
