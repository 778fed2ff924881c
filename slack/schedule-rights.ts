import type { webApi } from "@slack/bolt";
import type { Config } from "../packages/config/read.ts";
import { UserError } from "../packages/jobs/errors.ts";
import type { Job } from "../packages/jobs/job.ts";
import { because, type Reason } from "../packages/jobs/reasons.ts";
import { slackErrorOf } from "../packages/notify/client.ts";
import { mustBeAllowedToStart } from "./access.ts";
import { notAllowed } from "./allowed-repository.ts";
import { memberName, memberRefusal } from "./members.ts";
import { requesterNamed } from "./requester.ts";

type Deps = {
  config: Pick<Config<"schedule">, "CODY_PEOPLE" | "CODY_STRICT" | "CODY_CHANNELS" | "CODY_READERS" | "CODY_REPOS">;
  users: Pick<webApi.WebClient["users"], "info">;
  mayPush: (repository: string, login: string) => Promise<boolean>;
  /** Those that a form would offer now. */
  models: () => readonly { id: string }[];
};

/** Slack's words for "there is no such person here". */
const UNKNOWN_HERE = ["user_not_found", "user_not_visible", "users_not_found"];

/** Why it may not, in the words of what asks. */
type OwnerRefusals = {
  ownerGone(): Reason;
  ownerRefused(sentence: string): Reason;
  modelGone(model: string): Reason;
};
type RepositoryRefusals = {
  repositoryRefused(sentence: string): Reason;
  noRights(login: string, repository: string): Reason;
};

export const SCHEDULE_REFUSALS: OwnerRefusals & RepositoryRefusals = {
  ownerGone: () => because("schedule-owner-gone"),
  ownerRefused: (sentence) => because("schedule-owner-refused", sentence),
  modelGone: (model) => because("schedule-model-gone", model),
  repositoryRefused: (sentence) => because("schedule-repository-refused", sentence),
  noRights: (login, repository) => because("schedule-no-rights", login, repository),
};

export const CAMPAIGN_REFUSALS: OwnerRefusals & RepositoryRefusals = {
  ownerGone: () => because("campaign-owner-gone"),
  ownerRefused: (sentence) => because("campaign-refused", `the person for whom it runs was refused: “${sentence}”`),
  modelGone: (model) => because("campaign-model-gone", model),
  repositoryRefused: (sentence) => because("campaign-repository-refused", sentence),
  noRights: (login, repository) =>
    because(
      "campaign-repository-refused",
      `${repository} is not there any more, or ${login}, for whom it runs, may not write to it.`,
    ),
};

type Asked = Pick<Job, "teamId" | "userId" | "channelId" | "options">;
type Start = Pick<Job, "requester" | "channelId">;

/**
 * Whether the owner of a schedule or a campaign may start its job now, by the rules of a submit; which repositories it
 * may have is another question. Throws where Slack does not say: then it is asked again.
 */
export const createMayStart =
  ({ config, users, models }: Omit<Deps, "mayPush">, refusals: OwnerRefusals) =>
  async (asked: Asked): Promise<Start | { reason: Reason }> => {
    const { teamId, userId, channelId, options } = asked;
    const user = await personOf(users, userId);
    if (!user || memberRefusal(user, teamId) !== undefined) return { reason: refusals.ownerGone() };
    const login = config.CODY_PEOPLE[userId];
    const strict = config.CODY_STRICT ?? false;
    try {
      const settings = { strict, channels: config.CODY_CHANNELS, admins: [] };
      mustBeAllowedToStart({ settings, repositories: { loginOf: () => login } }, { teamId, userId }, channelId);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { reason: refusals.ownerRefused(error.message) };
    }
    if (!models().some(({ id }) => id === options.model)) return { reason: refusals.modelGone(options.model) };
    return {
      // A card in the channel would show the job to more people than may read it.
      channelId: config.CODY_READERS === "requester" ? userId : channelId,
      ...requesterNamed(memberName(user), login),
    };
  };

/** Why its owner may have no job in a repository now. Throws where GitHub does not say: then it is asked again. */
export const createRefusal =
  ({ config, mayPush }: Pick<Deps, "config" | "mayPush">, refusals: RepositoryRefusals) =>
  async ({ userId }: Pick<Job, "userId">, repository: string): Promise<Reason | undefined> => {
    const sentence = notAllowed(config.CODY_REPOS, repository);
    if (sentence) return refusals.repositoryRefused(sentence);
    const login = config.CODY_PEOPLE[userId];
    const isRefused = config.CODY_STRICT && login !== undefined && !(await mayPush(repository, login));
    return isRefused ? refusals.noRights(login, repository) : undefined;
  };

/** Both: a schedule with a repository that is refused starts nothing. */
export function createMayStartAll(deps: Deps, refusals: OwnerRefusals & RepositoryRefusals) {
  const mayStart = createMayStart(deps, refusals);
  const refusal = createRefusal(deps, refusals);
  return async (asked: Asked & Pick<Job, "repositories">): Promise<Start | { reason: Reason }> => {
    const may = await mayStart(asked);
    if ("reason" in may) return may;
    for (const repository of asked.repositories) {
      const reason = await refusal(asked, repository);
      if (reason) return { reason };
    }
    return may;
  };
}

async function personOf(users: Deps["users"], user: string) {
  try {
    return (await users.info({ user })).user;
  } catch (error) {
    if (UNKNOWN_HERE.includes(slackErrorOf(error) ?? "")) return undefined;
    throw error;
  }
}
