const MB = 1024 * 1024;

/** git on the tree: a hostile tree may be slow on purpose. */
export const GIT_TIMEOUT_MS = 120_000;
/** What git may print before it counts as a flood. */
export const MAX_GIT_OUTPUT_BYTES = 64 * MB;

export type CommandLimits = {
  /** Processes and threads together. */
  processes: number;
  openFiles: number;
  fileBytes: number;
  /** For each process, and for the sum over all of them. */
  memoryBytes: number;
  /**
   * Left free on the machine: else the kernel chooses whom it ends, and a command's memory may belong to no process.
   */
  freeMemoryBytes: number;
  /** What the workspace's folder may hold in all. */
  workspaceBytes: number;
  /** Left free on the workspace's disk. */
  freeDiskBytes: number;
  /** Files that can still be made there. */
  freeFiles: number;
  /** Printed in all; the caller decides how much of it is kept. */
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
