const MB = 1024 * 1024;

/** GitHub refuses files above 100 MB; half of that is already no reviewable change. */
export const MAX_CHANGED_FILE_BYTES = 50 * MB;
/** All changed files together, before git reads any of them. */
export const MAX_CHANGED_BYTES = 200 * MB;
export const MAX_CHANGED_FILES = 10_000;
export const MAX_PATCH_BYTES = 50 * MB;

/** One file given to the model's tools; they cut what they show much shorter. */
export const MAX_READ_BYTES = 16 * MB;
export const MAX_SEARCH_BYTES = 4 * MB;

/** git on the tree: a hostile tree may be slow on purpose. */
export const GIT_TIMEOUT_MS = 120_000;
export const REMOTE_TIMEOUT_MS = 300_000;
/** What git may print before it counts as a flood. */
export const MAX_GIT_OUTPUT_BYTES = 64 * MB;

/** What one command may use. Processes include threads; memory is the sum over its processes. */
export const COMMAND_LIMITS = {
  processes: 512,
  openFiles: 4096,
  fileBytes: 1024 * MB,
  memoryBytes: 4096 * MB,
  /** On the disk that holds the workspace; also ends when less than `freeDiskBytes` is left there. */
  writtenBytes: 4096 * MB,
  freeDiskBytes: 256 * MB,
  /** Printed in all; the part that is kept is capped by the caller. */
  printedBytes: 64 * MB,
} as const;
