const MB = 1024 * 1024;

/** GitHub refuses files above 100 MB; half of that is already no reviewable change. */
export const MAX_CHANGED_FILE_BYTES = 50 * MB;
/** All changed files together, before git reads any of them. */
export const MAX_CHANGED_BYTES = 200 * MB;
export const MAX_CHANGED_FILES = 10_000;
export const MAX_PATCH_BYTES = 50 * MB;

/** One file given to the model's tools; they cut what they show much shorter. */
export const MAX_READ_BYTES = 16 * MB;
/** One file that is searched. */
export const MAX_SEARCHED_BYTES = 64 * MB;

/** git on the tree: a hostile tree may be slow on purpose. */
export const GIT_TIMEOUT_MS = 120_000;
/** A fetch or push in all; one without any progress ends after a minute (git-settings.ts). */
export const REMOTE_TIMEOUT_MS = 600_000;
/** What git may print before it counts as a flood. */
export const MAX_GIT_OUTPUT_BYTES = 64 * MB;

export type CommandLimits = {
  /** Processes and threads together. */
  processes: number;
  openFiles: number;
  fileBytes: number;
  /** Of each process, and the sum over all of them. */
  memoryBytes: number;
  /** Left free on the machine: else the kernel chooses whom it ends, and a command's memory may count as nobody's. */
  freeMemoryBytes: number;
  /** What the workspace's folder may hold in all. */
  workspaceBytes: number;
  /** Left free on the workspace's disk. */
  freeDiskBytes: number;
  /** Files that can still be made there. */
  freeFiles: number;
  /** Printed in all; how much of it is kept is the caller's wish. */
  printedBytes: number;
};

export const COMMAND_LIMITS: CommandLimits = {
  processes: 512,
  openFiles: 4096,
  fileBytes: 1024 * MB,
  memoryBytes: 4096 * MB,
  freeMemoryBytes: 192 * MB,
  workspaceBytes: 8192 * MB,
  freeDiskBytes: 256 * MB,
  freeFiles: 20_000,
  printedBytes: 64 * MB,
};
