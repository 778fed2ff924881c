import type { webApi } from "@slack/bolt";
import type { Config } from "../packages/config/read.ts";
import { UserError } from "../packages/jobs/errors.ts";
import type { Job } from "../packages/jobs/job.ts";
import { because, type Reason } from "../packages/jobs/reasons.ts";
import type { Schedule } from "../packages/jobs/schedule.ts";
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

/**
 * Whether a schedule's owner may start its job now, by the rules of a submit. Throws where Slack or GitHub does not say:
 * then it is asked again.
 */
export const createMayStart =
  ({ config, users, mayPush, models }: Deps) =>
  async (schedule: Schedule): Promise<Pick<Job, "requester" | "channelId"> | { reason: Reason }> => {
    const { teamId, userId, channelId, repositories, options } = schedule;
    const user = await personOf(users, userId);
    if (!user || memberRefusal(user, teamId) !== undefined) return { reason: because("schedule-owner-gone") };
    const login = config.CODY_PEOPLE[userId];
    const strict = config.CODY_STRICT ?? false;
    try {
      const settings = { strict, channels: config.CODY_CHANNELS, admins: [] };
      mustBeAllowedToStart({ settings, repositories: { loginOf: () => login } }, { teamId, userId }, channelId);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { reason: because("schedule-owner-refused", error.message) };
    }
    if (!models().some(({ id }) => id === options.model))
      return { reason: because("schedule-model-gone", options.model) };
    for (const repository of repositories) {
      const sentence = notAllowed(config.CODY_REPOS, repository);
      if (sentence) return { reason: because("schedule-repository-refused", sentence) };
      if (strict && login !== undefined && !(await mayPush(repository, login)))
        return { reason: because("schedule-no-rights", login, repository) };
    }
    return {
      // A card in the channel would show the job to more people than may read it.
      channelId: config.CODY_READERS === "requester" ? userId : channelId,
      ...requesterNamed(memberName(user), login),
    };
  };

async function personOf(users: Deps["users"], user: string) {
  try {
    return (await users.info({ user })).user;
  } catch (error) {
    if (UNKNOWN_HERE.includes(slackErrorOf(error) ?? "")) return undefined;
    throw error;
  }
}
