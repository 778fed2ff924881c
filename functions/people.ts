import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { steadyNow } from "../packages/clock/steady-clock.ts";

/** GitHub logins by Slack user id. */
const People = z.record(
  z.string().regex(/^[UW][A-Z0-9]+$/, "is no Slack user id"),
  z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/, "is no GitHub login"),
);
export type People = z.infer<typeof People>;

/** `CODY_PEOPLE`: the path of a JSON file, or the JSON itself where there are no files. @throws Error without its content. */
export function readPeople(setting: string | undefined): People {
  if (!setting) return {};
  const inline = setting.trimStart().startsWith("{");
  try {
    return People.parse(JSON.parse(inline ? setting : readFileSync(setting, "utf8")));
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : "it is no JSON, or the file cannot be read";
    throw new Error(`CODY_PEOPLE maps Slack user ids to GitHub logins, {"U012AB3CD": "octocat"}: ${problem}`);
  }
}

/** A submit has three seconds in all. */
const PATIENCE_MS = 1_500;
/** As long as GitHub's answer is kept. */
const REFUSED_MS = 5 * 60_000;

export function createPersonalRights(deps: {
  people: People;
  mayPush: (repository: string, login: string) => Promise<boolean>;
  log: (line: string) => void;
  now?: () => number;
  patienceMs?: number;
}) {
  const { people, mayPush, log, now = steadyNow, patienceMs = PATIENCE_MS } = deps;
  const refused = new Map<string, number>();
  const keyOf = (repository: string, login: string) => `${login} ${repository}`.toLowerCase();

  /** Why a person may not use a repository; undefined: they may, or nobody knows their GitHub login. */
  async function lacksRights(repository: string, { userId }: { userId: string }): Promise<string | undefined> {
    const login = people[userId];
    if (login === undefined) return undefined;
    const answer = mayPush(repository, login).catch((error: unknown) => {
      log(`GitHub: nobody knows whether ${login} may write to ${repository}: ${error}`);
      return undefined;
    });
    const may = await Promise.race([answer, sleep(patienceMs, undefined, { ref: false })]);
    if (may === undefined) return `GitHub has not said yet whether you may write to ${repository}; press Run again.`;
    if (may) return undefined;
    refused.set(keyOf(repository, login), now());
    return `You (${login} on GitHub) may not write to ${repository}.`;
  }

  return {
    lacksRights,
    /** What is known without asking: nobody asks GitHub about a hundred repositories at every key. */
    isRefused(repository: string, { userId }: { userId: string }): boolean {
      const login = people[userId];
      const at = login === undefined ? undefined : refused.get(keyOf(repository, login));
      return at !== undefined && now() - at < REFUSED_MS;
    },
  };
}
