import { steadyNow } from "../clock/steady-clock.ts";
import { unlessLate } from "../clock/unless-late.ts";
import type { People } from "../config/people.ts";

/** A submit has three seconds in all. */
const DEADLINE_MS = 1_500;
/** As long as GitHub's answer is kept. */
const REFUSED_MS = 5 * 60_000;

export function createPersonalRights(deps: {
  people: People;
  mayPush: (repository: string, login: string) => Promise<boolean>;
  log: (line: string) => void;
  now?: () => number;
  deadlineMs?: number;
}) {
  const { people, mayPush, log, now = steadyNow, deadlineMs = DEADLINE_MS } = deps;
  const refused = new Map<string, number>();
  const keyOf = (repository: string, login: string) => `${login} ${repository}`.toLowerCase();

  /** Why a person may not use a repository; undefined: they may, or their GitHub login is not known. */
  async function lacksRights(repository: string, { userId }: { userId: string }): Promise<string | undefined> {
    const login = people[userId];
    if (login === undefined) return undefined;
    const answer = mayPush(repository, login).catch((error: unknown) => {
      log(`GitHub: not known whether ${login} may write to ${repository}: ${error}`);
      return undefined;
    });
    const may = await unlessLate(answer, deadlineMs);
    if (may === undefined)
      return `GitHub has not said yet whether you may write to ${repository}; press the button again.`;
    if (may) return undefined;
    refused.set(keyOf(repository, login), now());
    return `You (${login} on GitHub) may not write to ${repository}.`;
  }

  return {
    lacksRights,
    /** What is known without asking: GitHub is not asked about a hundred repositories at every key. */
    isRefused(repository: string, { userId }: { userId: string }): boolean {
      const login = people[userId];
      const at = login === undefined ? undefined : refused.get(keyOf(repository, login));
      return at !== undefined && now() - at < REFUSED_MS;
    },
  };
}
