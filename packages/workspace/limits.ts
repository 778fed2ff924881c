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

/** A fetch or push in all; one without any progress ends after a minute (git-settings.ts). */
export const REMOTE_TIMEOUT_MS = 600_000;
