import { createDecide } from "../../../functions/decide.ts";
import { createFinish } from "../../../functions/finish.ts";
import { createPlan } from "../../../functions/plan.ts";
import type { Handler } from "../../config/on-first-call.ts";
import type { Environment, TaskZone } from "../../config/zones.ts";
import { machineDefinition } from "../../pipeline/machine.ts";
import { startStepFunctions } from "../../stand-ins/stepfunctions/stepfunctions.ts";
import { createTaskRunner, runnerVariables } from "../tasks.ts";
import { openRunnerProgram, type RunnerProgram } from "./runner-program.ts";
import { disturbOf, portTaken, type ServiceOptions } from "./services.ts";
import { startTokenBrokers } from "./token-brokers.ts";

const MACHINE = "cody";
/** Five runners at once on a few cores: a small young generation, and one helper thread in place of four. */
const FLAGS = ["--max-semi-space-size=2", "--v8-pool-size=1"];

/** How a runner is started on one machine: with its zone's part of all variables. `started`: in place of its program. */
export const runnerTask = (program: RunnerProgram, zone: TaskZone, env: Environment, started?: readonly string[]) => ({
  command: process.execPath,
  args: () => [...FLAGS, ...(started ?? [program.fileOf(zone)])],
  // A folder that cannot be written is no error.
  variables: { ...runnerVariables(zone, env), NODE_COMPILE_CACHE: program.compiled },
});

/**
 * The deployed definition on the local engine: functions in this process, tasks as children with their zone's
 * variables.
 */
export async function startMachine(options: {
  folder: string;
  env: Environment;
  log: (line: string) => void;
  port?: number;
  disturb?: ServiceOptions["disturb"] | undefined;
  /** What Node is started with in place of a task's program, for tests. */
  started?: Partial<Record<TaskZone, readonly string[]>> | undefined;
}) {
  const { folder, env, log } = options;
  const functions: Record<string, Handler<unknown>> = {
    plan: createPlan(env, { onOneMachine: true }),
    decide: createDecide(env),
    finish: createFinish(env),
  };
  const definition = machineDefinition({
    planArn: "plan",
    decideArn: "decide",
    finishArn: "finish",
    cluster: "local",
    workTask: "work",
    publishTask: "publish",
    subnets: ["local"],
    securityGroups: [],
    assignPublicIp: false,
  });
  const tokenBrokers = await startTokenBrokers({ env, log });
  const program = await openRunnerProgram(log);
  const task = (zone: TaskZone) =>
    runnerTask(program, zone, { ...env, ...tokenBrokers.variables[zone] }, options.started?.[zone]);
  const tasks = createTaskRunner({
    folder,
    log,
    definitions: {
      work: task("work"),
      publish: { ...task("publish"), isUrgent: true },
    },
  });
  await tasks.clear();
  const engine = await startStepFunctions({
    machines: { [MACHINE]: definition },
    // By test/pipeline/machine.test.ts.
    isKnownValid: true,
    accessKeyId: env.AWS_ACCESS_KEY_ID!,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY!,
    log,
    disturb: disturbOf(options, "Step Functions"),
    ...(options.port !== undefined && { port: options.port }),
    runTask: tasks.run,
    invoke: async (name, payload) => functions[name]!(payload),
  }).catch(async (error: unknown) => {
    await tokenBrokers.stop();
    return portTaken("Step Functions", error);
  });
  return {
    url: engine.url,
    env: { ...env, AWS_ENDPOINT_URL_SFN: engine.url, CODY_STATE_MACHINE_ARN: engine.arn(MACHINE) } as Environment,
    stop: async () => {
      await engine.stop();
      tasks.close();
      await tokenBrokers.stop();
    },
  };
}
