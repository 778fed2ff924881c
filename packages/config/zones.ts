/** Each Lambda is a zone of its own, named after its file in functions/. */
export const FUNCTIONS = [
  "plan",
  "decide",
  "finish",
  "dispatch",
  "sweep",
  "watch",
  "schedule",
  "change-set",
  "notify",
  "slack",
  "health",
  "read-token",
  "write-token",
] as const;

/** What runs in the container: Work for the model and the repository's commands, Publish to push. */
export const TASKS = ["work", "publish"] as const;

/** `socket`: the Slack app of one machine. `machine`: `npm start`. `deploy`: `sst deploy` itself. */
export const ZONES = [...FUNCTIONS, ...TASKS, "socket", "machine", "doctor", "deploy"] as const;

/** A trust zone: what reads variables, and sees no other zone's. */
export type Zone = (typeof ZONES)[number];
export type FunctionZone = (typeof FUNCTIONS)[number];
export type TaskZone = (typeof TASKS)[number];

export type Environment = Record<string, string | undefined>;
