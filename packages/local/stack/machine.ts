import { fileURLToPath } from "node:url";
import { createDecide } from "../../../functions/decide.ts";
import { createFinish } from "../../../functions/finish.ts";
import type { Handler } from "../../../functions/on-first-call.ts";
import { createPlan } from "../../../functions/plan.ts";
import { UserError } from "../../jobs/user-error.ts";
import { machineDefinition } from "../../pipeline/machine.ts";
import { startStepFunctions } from "../stepfunctions/stepfunctions.ts";
import { createTaskRunner, zoneVariables } from "../tasks.ts";
import type { Environment } from "./services.ts";

const MACHINE = "cody";
const entryPoint = (file: string) => fileURLToPath(new URL(`../../../containers/runner/${file}`, import.meta.url));

/** The deployed definition on the local engine: functions in this process, tasks as children with their zone's variables. */
export async function startMachine(options: {
  folder: string;
  env: Environment;
  log: (line: string) => void;
  port?: number;
}) {
  const { folder, env, log } = options;
  const functions: Record<string, Handler<unknown>> = {
    plan: createPlan(env),
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
  const runTask = createTaskRunner({
    folder,
    log,
    definitions: {
      work: { command: process.execPath, args: [entryPoint("work.ts")], variables: zoneVariables("work", env) },
      publish: {
        command: process.execPath,
        args: [entryPoint("publish.ts")],
        variables: zoneVariables("publish", env),
      },
    },
  });
  const engine = await startStepFunctions({
    machines: { [MACHINE]: definition },
    log,
    ...(options.port !== undefined && { port: options.port }),
    runTask,
    invoke: async (name, payload) => functions[name]!(payload),
  }).catch((error: { code?: string; port?: number }) => {
    if (error.code !== "EADDRINUSE") throw error;
    throw new UserError(`Port ${error.port}, for Step Functions, is taken. Stop what uses it, or set CODY_PORT.`);
  });
  return {
    url: engine.url,
    env: { ...env, AWS_ENDPOINT_URL_SFN: engine.url, CODY_STATE_MACHINE_ARN: engine.arn(MACHINE) } as Environment,
    stop: engine.stop,
  };
}
