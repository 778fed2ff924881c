import { steadyNow } from "../packages/clock/steady-clock.ts";
import { unlessLate } from "../packages/clock/unless-late.ts";
import { baseFiles } from "../packages/github/base-files.ts";
import type { GitHubReading } from "../packages/github/reading.ts";
import type { InspectedRepository } from "../packages/github/repositories.ts";
import type { PullRequestState } from "../packages/jobs/pull-request-status.ts";
import type { Reason } from "../packages/jobs/reasons.ts";
import type { SettingsSources } from "../packages/jobs/resolve-settings.ts";

/** A person who has chosen a repository waits so long for what will run there. */
const LOOK_MS = 2_500;
/** A submit has three seconds in all. */
const SUBMIT_MS = 1_500;
/** In a workspace that waits longer for an answer, both wait longer. */
export const timesOf = (ackMs: number) => ({ lookMs: Math.max(LOOK_MS, ackMs / 2), submitMs: ackMs / 2 });
const KEPT_MS = 2 * 60_000;
const MAX_KEPT = 500;

/** What the default branch says and suggests; and of the pull requests that were asked about, which are open. */
export type LookedAt = Pick<SettingsSources, "file" | "suggested" | "note"> & {
  pullRequests?: Record<number, PullRequestState> | undefined;
  /** Why no job can begin there. */
  problem?: Reason;
};

/** What a job asks of a repository before it begins. */
export type Asked = { baseBranch?: string | undefined; mayChangeCi?: boolean | undefined };

const keyOf = (repository: string, { baseBranch, mayChangeCi }: Asked) =>
  JSON.stringify([repository.toLowerCase(), baseBranch ?? null, mayChangeCi ?? false]);

/**
 * What GitHub says about a repository now, for a form. Plan asks again, and pins a commit. What is good is kept for two
 * minutes; what is not is asked for again, because people put it right meanwhile.
 */
export function createRepositoryLook(
  reading: Pick<GitHubReading, "inspect" | "clientOf">,
  log: (line: string) => void,
  { now = steadyNow, lookMs = LOOK_MS, submitMs = SUBMIT_MS } = {},
) {
  const kept = new Map<string, { found: Promise<LookedAt | undefined>; at: number }>();
  const standing = new Map<string, number>();
  const isFresh = (at: number | undefined) => at !== undefined && now() - at <= KEPT_MS;

  async function inspect(
    repository: string,
    asked: Asked,
    pullRequests: readonly number[] = [],
  ): Promise<InspectedRepository> {
    const { baseBranch, mayChangeCi } = asked;
    const inspection = await reading.inspect(repository, {
      ...(baseBranch !== undefined && { baseBranch }),
      ...(mayChangeCi && { mayChangeCi }),
      ...(pullRequests.length > 0 && { pullRequests }),
    });
    if (standing.size >= MAX_KEPT) standing.clear();
    if (inspection.ok) standing.set(keyOf(repository, asked), now());
    return inspection;
  }

  async function read(key: string, repository: string, numbers: readonly number[]): Promise<LookedAt | undefined> {
    try {
      const inspection = await inspect(repository, {}, numbers);
      if (!inspection.ok) {
        kept.delete(key);
        return { problem: inspection.reason };
      }
      // Loaded for a choice alone: a parser comes with it.
      const { findSettings } = await import("../packages/settings/find-settings.ts");
      const { baseCommit, pullRequests } = inspection;
      const found = await findSettings(baseFiles(await reading.clientOf(repository), repository, baseCommit));
      return { ...found, pullRequests };
    } catch (error) {
      log(`GitHub: not known what ${repository} suggests: ${error}`);
      kept.delete(key);
      return undefined;
    }
  }

  return {
    /** undefined: not known within the time that a person waits. */
    look(repository: string, pullRequests: readonly number[]): Promise<LookedAt | undefined> {
      const key = `${repository.toLowerCase()} ${pullRequests.join()}`;
      if (!isFresh(kept.get(key)?.at)) {
        if (kept.size >= MAX_KEPT) kept.clear();
        kept.set(key, { found: read(key, repository, pullRequests), at: now() });
      }
      return unlessLate(kept.get(key)!.found, lookMs);
    },

    /** Why a job cannot begin there; undefined: nothing is known against it within the time of a submit. */
    async problem(repository: string, asked: Asked): Promise<Reason | undefined> {
      if (isFresh(standing.get(keyOf(repository, asked)))) return undefined;
      const asking = inspect(repository, asked).catch((error: unknown) => {
        log(`GitHub: not known whether a job may begin in ${repository}: ${error}`);
        return undefined;
      });
      const inspection = await unlessLate(asking, submitMs);
      return inspection && !inspection.ok ? inspection.reason : undefined;
    },
  };
}
