/** Figures of the language itself; a room's own limits live in that room. */
export const MAX_REPOSITORIES = 5;
export const MAX_PROMPT_CHARS = 9_000;
export const MAX_COMMAND_CHARS = 1_000;
export const DEFAULT_CAP_USD = 5;
export const MAX_CAP_USD = 500;
export const APPROVAL_DAYS = 7;
/** Presigned links live at most this long; they die earlier with the signer's credentials. */
export const LINK_SECONDS = 15 * 60;
