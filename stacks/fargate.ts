/**
 * Which memory goes with which CPU: vCPU to least, most and step of GB.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
 */
const SIZES: Record<string, { least: number; most: number; step: number }> = {
  "0.5": { least: 1, most: 4, step: 1 },
  "1": { least: 2, most: 8, step: 1 },
  "2": { least: 4, most: 16, step: 1 },
  "4": { least: 8, most: 30, step: 1 },
  "8": { least: 16, most: 60, step: 4 },
  "16": { least: 32, most: 120, step: 8 },
};

/** undefined: Fargate has such a task. `cpu` in vCPU, `memory` in GB, as the setting has them. */
export function sizeProblem(cpu: string, memory: string): string | undefined {
  const size = SIZES[cpu];
  if (!size) return `CODY_RUNNER_CPU is one of ${Object.keys(SIZES).join(", ")} vCPU.`;
  const { least, most, step } = size;
  const gb = Number(memory);
  if (gb >= least && gb <= most && (gb - least) % step === 0) return undefined;
  return `CODY_RUNNER_MEMORY is ${least} to ${most} GB, in steps of ${step}, for ${cpu} vCPU.`;
}
