import type { Config } from "../../packages/config/read.ts";

type TaskConfig = Pick<Config<"work"> & Config<"publish">, "CODY_JOB" | "CODY_ROUND" | "CODY_REPOSITORY">;

/** Which repo run, as the state machine's container overrides name it. */
export const refOf = ({ CODY_JOB: jobId, CODY_ROUND: round, CODY_REPOSITORY: repository }: TaskConfig) => ({
  jobId,
  round,
  repository,
});
