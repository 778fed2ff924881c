import { JobReaders } from "../../jobs/readers.ts";
import type { Declaration } from "../declaration.ts";
import { address, anyText, channels, choice, flag, form, people, users } from "../forms.ts";

const APP = ["slack", "socket"] as const;

export const SLACK = {
  SLACK_BOT_TOKEN: {
    means: "the bot token of the app, xoxb-...; on one machine of slack/manifest.socket.json",
    value: form(/^xoxb-\S+$/, "must be a bot token, which starts with xoxb-"),
    zones: [...APP, "notify", "schedule", "doctor"],
    needed: true,
    secret: true,
  },
  SLACK_APP_TOKEN: {
    means: "an app-level token with connections:write, xapp-...: Socket Mode, on one machine",
    value: form(/^xapp-\S+$/, "must be an app-level token, which starts with xapp-"),
    zones: ["socket", "doctor"],
    needed: true,
    secret: true,
    onAws: "never",
  },
  SLACK_SIGNING_SECRET: {
    means: "on AWS: verifies that Slack called us",
    value: anyText,
    zones: ["slack"],
    needed: true,
    secret: true,
  },
  SLACK_API_URL: {
    means: "another Web API address (the stand-in's); leave empty for Slack",
    value: address,
    zones: [...APP, "notify", "schedule", "doctor"],
    onAws: "never",
  },
  CODY_ADMINS: {
    means: "Slack user ids, commas between them: people who may decide about jobs of others, and read them",
    value: users,
    zones: [...APP, "notify", "doctor", "plan"],
    default: "",
  },
  CODY_READERS: {
    means:
      "who may read a job beside its requester and admins: everybody, its channel's members (channel), or requester",
    value: choice(JobReaders.options),
    zones: [...APP, "notify", "schedule"],
    default: "everybody",
  },
  CODY_CHANNELS: {
    means: "Slack channel ids where jobs may be started; empty: everywhere (direct messages always)",
    value: channels,
    zones: [...APP, "schedule", "doctor"],
    default: "",
  },
  CODY_PEOPLE: {
    means:
      "a JSON file (or the JSON itself) of Slack user id to GitHub login: who may save settings where they may write",
    value: people,
    zones: [...APP, "schedule", "doctor", "plan"],
    default: "{}",
  },
  CODY_STRICT: {
    means: "1: only people in CODY_PEOPLE start jobs, each where GitHub lets them write; 0: everybody in the workspace",
    value: flag,
    zones: [...APP, "schedule", "plan"],
  },
} as const satisfies Record<string, Declaration>;
