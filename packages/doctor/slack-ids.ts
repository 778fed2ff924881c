import { parsePeople } from "../config/people.ts";
import { parseSlackChannels, parseSlackUsers } from "../config/slack-ids.ts";
import type { Environment } from "../config/zones.ts";
import { type Finding, reachService, warning } from "./finding.ts";
import { slackApi } from "./slack.ts";

/** Slack is asked for each; a long list is tried by its beginning. */
const MAX_IDS = 25;

type Asked = { method: string; argument: string; unknown: string; fix: string };
const USER: Asked = {
  method: "users.info",
  argument: "user",
  unknown: "user_not_found",
  fix: "Copy the id from the person's profile in this workspace: ⋮ > Copy member ID.",
};
const CHANNEL: Asked = {
  method: "conversations.info",
  argument: "channel",
  unknown: "channel_not_found",
  fix: "Copy the id from the channel's details, and invite the app if the channel is private.",
};

/** Whether the workspace knows the people and channels that the settings name. */
export async function checkSlackIds(env: Environment): Promise<Finding[]> {
  const lists: [string, string[], Asked][] = [
    ["CODY_ADMINS", parseSlackUsers(env.CODY_ADMINS ?? ""), USER],
    ["CODY_PEOPLE", Object.keys(env.CODY_PEOPLE ? parsePeople(env.CODY_PEOPLE) : {}), USER],
    ["CODY_CHANNELS", parseSlackChannels(env.CODY_CHANNELS ?? ""), CHANNEL],
  ];
  const found = lists.flatMap(([name, ids, asked]) => ids.slice(0, MAX_IDS).map((id) => checkId(env, name, id, asked)));
  return (await Promise.all(found)).flat();
}

function checkId(env: Environment, name: string, id: string, { method, argument, unknown, fix }: Asked) {
  const headers = { authorization: `Bearer ${env.SLACK_BOT_TOKEN}` };
  const body = new URLSearchParams({ [argument]: id });
  return reachService("Slack", `${slackApi(env)}${method}`, { method: "POST", headers, body }, async (response) => {
    const { error } = (await response.json()) as { error?: string };
    return error === unknown ? [warning(name, `${name} names ${id}, which this workspace does not know.`, fix)] : [];
  });
}
