import { readConfig } from "../packages/config/read.ts";
import { saidTo } from "./environment.ts";

const config = readConfig("deploy", saidTo("deploy"));

/** About the deployment itself. */
export const settings = {
  isPrivate: config.CODY_PRIVATE,
  runnerSize: { cpu: `${config.CODY_RUNNER_CPU} vCPU`, memory: `${config.CODY_RUNNER_MEMORY} GB` } as Pick<
    sst.aws.TaskArgs,
    "cpu" | "memory"
  >,
  runnerImage: config.CODY_RUNNER_IMAGE,
  images: config.CODY_IMAGES,
  toolchains: config.CODY_TOOLCHAINS.trim(),
  alarmEmail: config.CODY_ALARM_EMAIL,
  spendAlarmUsd: config.CODY_SPEND_ALARM_USD,
  asksDoctor: config.CODY_DOCTOR,
};
