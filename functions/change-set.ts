import { systemClock } from "../packages/clock/clock.ts";
import { steadyNow } from "../packages/clock/steady-clock.ts";
import { timeOver } from "../packages/clock/time-over.ts";
import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { actOnAsk } from "../packages/github/act-on-ask.ts";
import { isTemporary, statusOf } from "../packages/github/errors.ts";
import { openPublishAccess } from "../packages/github/publish-access.ts";
import { isPrivateNow } from "../packages/github/repositories.ts";
import { namedIfPublic, setSection } from "../packages/github/set-section.ts";
import { writeSection } from "../packages/github/write-section.ts";
import { workOnSets } from "../packages/pipeline/work-on-sets.ts";
import { writeSections } from "../packages/pipeline/write-sections.ts";
import { openStore } from "../packages/store/open.ts";
import { sectionDigest } from "../packages/store/set-sections.ts";

/** A rate limit that lasts longer, or a server that is silent for longer, is left to the next pass. */
const MAX_WAIT_S = 2;
const REQUEST_MS = 8_000;
/** Nothing is begun later in a pass: the function has 55 seconds. */
const BEGIN_WITHIN_MS = 25_000;

/**
 * Every minute, in Publish's zone: merges, closes and reverts what people asked for. It is a few calls of GitHub's API
 * and runs nothing of a repository.
 */
export function createChangeSet(
  environment: Environment,
  now: () => number = steadyNow,
  open: typeof openStore = openStore,
) {
  const config = readConfig("change-set", environment);
  const store = open(config);
  const access = openPublishAccess(config, {
    log: console.warn,
    maxWaitS: MAX_WAIT_S,
    requestTimeoutMs: REQUEST_MS,
  });
  /** One that is out of reach by now is named nowhere. */
  const isPublic = async (repository: string) => {
    try {
      return !(await isPrivateNow((await access(repository, {})).github, repository));
    } catch (error) {
      if (statusOf(error) === undefined || isTemporary(error)) throw error;
      return false;
    }
  };
  const publicOf = async (repositories: readonly string[]) => {
    const found = await Promise.all(
      [...new Set(repositories)].map(async (one) => ((await isPublic(one)) ? [one] : [])),
    );
    return new Set(found.flat());
  };
  return async () => {
    const isOver = timeOver(BEGIN_WITHIN_MS);
    const log = (line: string) => console.warn(`change-set: ${line}`);
    const worked = await workOnSets({
      ...store,
      act: (ask, record, lapse) => actOnAsk(ask, record, { access, lapse, clock: systemClock }),
      now: () => new Date(now()),
      isOver,
      log,
    });
    const texts = await writeSections({
      ...store,
      publicNow: (record, runs) => publicOf(runs.flatMap((run) => namedIfPublic(record, run))),
      digestOf: (record, run, publicNow) => sectionDigest(setSection(record, run, publicNow)),
      write: async (record, run, publicNow) => {
        const { repository, pullRequest } = run;
        const { github } = await access(repository, { mayChangeCi: record.job.options.mayChangeCi });
        await writeSection(github, { repository, number: pullRequest!.number }, (now) =>
          setSection(record, { ...run, isPrivate: run.isPrivate === true && now.isPrivate }, publicNow),
        );
      },
      now: () => new Date(now()),
      isOver,
      log,
    });
    return { ...worked, texts };
  };
}

export const handler = onFirstCall((environment) => createChangeSet(environment));
