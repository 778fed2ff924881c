import { parseSlackUsers } from "../../config/slack-ids.ts";
import type { Environment } from "../../config/zones.ts";
import type { ChannelSetup, PersonSetup } from "../../stand-ins/slack/workspace.ts";

/** Slack ids of the stand-in's people are made of these names, and stand in the rows of a state folder. */
export const FIRST_PERSON = "U0REQUESTER";

const ADMIN_MAY = "Starts jobs, decides about everyone's, and changes the settings of repositories.";
const OTHERS_MAY = "Starts jobs and decides about their own; sees those of everyone.";

/** Who is in the stand-in's workspace, and what `CODY_ADMINS` lets each of them do. */
export function localPeople(env: Environment): PersonSetup<"requester" | "second">[] {
  const admins = parseSlackUsers(env.CODY_ADMINS ?? "");
  const mayOf = (id: string) => (admins.includes(id) ? ADMIN_MAY : OTHERS_MAY);
  return [
    { name: "requester", called: "Maintainer", role: mayOf(FIRST_PERSON) },
    { name: "second", called: "Colleague", role: mayOf("U0SECOND") },
  ];
}

export const LOCAL_CHANNELS: ChannelSetup[] = [
  { name: "cody", purpose: "The channel for jobs: each has one card here, and its answers in a thread." },
  {
    name: "elsewhere",
    called: "another-team",
    purpose: "Cody is not a member here yet: it joins with the first job that is started here.",
    withoutApp: true,
  },
];
