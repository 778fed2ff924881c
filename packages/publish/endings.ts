import type { Reason } from "../jobs/reasons.ts";

/** `final`: no retry can make a pull request of this patch, a person must take it from here. */
export type Refused = { ok: false; reason: Reason; final?: boolean };

export const refused = (reason: Reason): Refused => ({ ok: false, reason });
export const refusedForGood = (reason: Reason): Refused => ({ ok: false, reason, final: true });
