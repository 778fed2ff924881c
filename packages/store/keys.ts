import type { RunRef } from "../jobs/execution.ts";

const numbered = (n: number) => String(n).padStart(6, "0");

/** Where a round of a repo run keeps its objects: `jobs/j0123456789abcdef/acme/orders/r2/`. */
export const roundPrefix = ({ jobId, repository, round }: RunRef) => `jobs/${jobId}/${repository}/r${round}/`;

/** Listing this prefix gives the turns in their order. */
export const turnsPrefix = (ref: RunRef) => `${roundPrefix(ref)}turns/`;
export const turnKey = (ref: RunRef, turn: number) => `${turnsPrefix(ref)}${numbered(turn)}.json`;
/** The tree as it was when the answer of `turn` arrived at this attempt; the turn itself says which snapshot counts. */
export const snapshotKey = (ref: RunRef, turn: number, attempt: number) =>
  `${roundPrefix(ref)}snapshot-${numbered(turn)}-a${attempt}.patch`;
/** What setup left in the tree of this attempt, and so is no change; kept as long as its snapshots. */
export const environmentKey = (ref: RunRef, attempt: number) =>
  `${roundPrefix(ref)}snapshot-environment-a${attempt}.json`;
export const patchKey = (ref: RunRef) => `${roundPrefix(ref)}patch.diff`;
export const conversationKey = (ref: RunRef) => `${roundPrefix(ref)}conversation.json`;
export const transcriptKey = (ref: RunRef) => `${roundPrefix(ref)}transcript.html`;
export const outcomeKey = (ref: RunRef) => `${roundPrefix(ref)}outcome.json`;
/** A file that came with the request, by the SHA-256 of its content. */
export const attachedKey = (jobId: string, sha256: string) => `jobs/${jobId}/attached/${sha256}`;
/** Figures of a workspace as CSV, by what is in them; gone after a day. */
export const reportKey = (teamId: string, digest: string) => `reports/${teamId}/${digest}.csv`;
/** The patches of a whole job in one archive; `digest` tells which ones. */
export const patchesKey = (jobId: string, digest: string) => `jobs/${jobId}/patches-${digest}.zip`;
