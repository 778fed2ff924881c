import type { People } from "../config/people.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import { isRateLimit, statusOf } from "./errors.ts";

type Rights = {
  people: People;
  strict: boolean;
  admins: readonly string[];
  mayPush: (repository: string, login: string) => Promise<boolean>;
};

/**
 * Why a round may not begin by itself in the name of a person, by the rules of a press; GitHub is asked wherever the login
 * is known, since no person looks on. Throws where GitHub does not say.
 */
export const createRequesterRights =
  ({ people, strict, admins, mayPush }: Rights) =>
  async ({ userId, repository }: { userId: string; repository: string }): Promise<Reason | undefined> => {
    const login = people[userId];
    if (login === undefined)
      return strict && !admins.includes(userId) ? because("requester-refused", { why: "not named" }) : undefined;
    try {
      return (await mayPush(repository, login))
        ? undefined
        : because("requester-refused", { why: "no rights", login, repository });
    } catch (error) {
      // GitHub tells this only to who may push. Where a press asks nothing of GitHub either, its silence refuses nothing.
      if (strict || statusOf(error) !== 403 || isRateLimit(error)) throw error;
      return undefined;
    }
  };
