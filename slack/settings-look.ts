import { setTimeout as sleep } from "node:timers/promises";
import { steadyNow } from "../packages/clock/steady-clock.ts";
import { baseFiles } from "../packages/github/base-files.ts";
import type { GitHubReading } from "../packages/github/reading.ts";
import type { findSettings } from "../packages/settings/find-settings.ts";

/** A person who has chosen a repository waits so long for what will run there. */
const DEADLINE_MS = 2_500;
const KEPT_MS = 2 * 60_000;
const MAX_KEPT = 500;

type Found = Awaited<ReturnType<typeof findSettings>>;

/** What the default branch of a repository says now. Plan looks again, at the commit that it pins. */
export function createSettingsLook(
  reading: Pick<GitHubReading, "inspect" | "clientOf">,
  log: (line: string) => void,
  { now = steadyNow, deadlineMs = DEADLINE_MS } = {},
): (repository: string) => Promise<Found | undefined> {
  const kept = new Map<string, { found: Promise<Found | undefined>; at: number }>();

  async function read(repository: string): Promise<Found | undefined> {
    try {
      const inspection = await reading.inspect(repository, {});
      if (!inspection.ok) return { note: inspection.reason.message };
      // Loaded for a choice alone: a parser comes with it.
      const { findSettings } = await import("../packages/settings/find-settings.ts");
      return await findSettings(baseFiles(await reading.clientOf(repository), repository, inspection.baseCommit));
    } catch (error) {
      log(`GitHub: not known what ${repository} suggests: ${error}`);
      kept.delete(repository);
      return undefined;
    }
  }

  return async (repository) => {
    const before = kept.get(repository);
    if (!before || now() - before.at > KEPT_MS) {
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(repository, { found: read(repository), at: now() });
    }
    return Promise.race([kept.get(repository)!.found, sleep(deadlineMs, undefined, { ref: false })]);
  };
}
