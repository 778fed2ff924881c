import type { Deployment } from "./synthesise.ts";

const secrets = {
  SST_SECRET_AnthropicApiKey: "synthesis-anthropic",
  SST_SECRET_SlackBotToken: "xoxb-synthesis-bot",
  SST_SECRET_SlackSigningSecret: "synthesis-signing",
};

/** The least that somebody has to say. */
export const PRODUCTION: Deployment = {
  stage: "production",
  settings: { ...secrets, SST_SECRET_GithubToken: "synthesis-github", CODY_REPOS: "acme/*", AWS_REGION: "eu-west-1" },
};

/** Everything that can be said. */
export const PRIVATE: Deployment = {
  stage: "dev",
  settings: {
    ...secrets,
    SST_SECRET_GithubReadToken: "synthesis-github-read",
    SST_SECRET_GithubWriteToken: "synthesis-github-write",
    SST_SECRET_SigningKey: "synthesis-ssh-key",
    CODY_REPOS: "acme/*,other/app",
    CODY_MODEL: "claude-opus-5-5",
    CODY_ADMINS: "U0000000001",
    ANTHROPIC_BASE_URL: "https://gateway.example.com",
    CODY_MAX_TURNS: "100",
    CODY_MAX_MINUTES: "30",
    CODY_COMMAND_SECONDS: "45",
    CODY_PRIVATE: "1",
    CODY_RUNNER_IMAGE: "registry.example.com/cody-java:1",
    CODY_ALARM_EMAIL: "someone@example.com",
    CODY_SPEND_ALARM_USD: "25",
    GITHUB_API_URL: "https://github.example.com/api/v3",
    GITHUB_SERVER_URL: "https://github.example.com",
    AWS_REGION: "eu-west-1",
  },
};
