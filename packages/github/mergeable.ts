import { setTimeout as wait } from "node:timers/promises";
import type { GitHub } from "./client.ts";
import { statusOf } from "./errors.ts";
import { ownerAndRepo } from "./repositories.ts";

/** GitHub works it out in the background, and says null meanwhile. */
const LOOK_AGAIN_MS = [0, 1_000, 3_000];

/**
 * Whether it merges into its base as that is now. undefined: GitHub has not worked it out within a few seconds, or does
 * not say; what is open stays the result.
 */
export async function isMergeable(
  github: GitHub,
  repository: string,
  number: number,
  { sleep = wait }: { sleep?: (ms: number) => Promise<unknown> } = {},
): Promise<boolean | undefined> {
  for (const ms of LOOK_AGAIN_MS) {
    await sleep(ms);
    try {
      const { data } = await github.rest.pulls.get({ ...ownerAndRepo(repository), pull_number: number });
      if (data.mergeable !== null || data.state === "closed") return data.mergeable ?? undefined;
    } catch (error) {
      if (statusOf(error) === undefined) throw error;
      return undefined;
    }
  }
  return undefined;
}
