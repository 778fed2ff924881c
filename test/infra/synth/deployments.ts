import { generateKeyPairSync } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** `settings`: the whole environment of the deploying person; a secret is SST_SECRET_<Name>. */
export type Deployment = { stage: string; settings: Record<string, string> };

/**
 * The repository holds no key, not even one that opens nothing; this one stays the same, so that a synthesis is reused.
 */
function throwawayKey(): string {
  const folder = join(import.meta.dirname, "../../../node_modules/.cache");
  const file = join(folder, "cody-throwaway-key.pem");
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(`${file}.${process.pid}`, privateKey.export({ type: "pkcs1", format: "pem" }));
    try {
      linkSync(`${file}.${process.pid}`, file);
    } catch {
      // Another test process was first: its key it is.
    }
    rmSync(`${file}.${process.pid}`);
  }
  return readFileSync(file, "utf8");
}

/** The beginning of a key that opens nothing. */
export const SIGNING_KEY = `-----BEGIN OPENSSH PRIVATE ${"KEY-----"}`;

const secrets = {
  /** No service is there to ask; test/infra/before-deploy.test.ts asks stand-ins. */
  CODY_DOCTOR: "0",
  SST_SECRET_AnthropicApiKey: "synthesis-anthropic",
  SST_SECRET_SlackBotToken: "xoxb-synthesis-bot",
  SST_SECRET_SlackSigningSecret: "synthesis-signing",
};

/** The least that has to be set. */
export const PRODUCTION: Deployment = {
  stage: "production",
  settings: { ...secrets, SST_SECRET_GithubToken: "synthesis-github", CODY_REPOS: "acme/*", AWS_REGION: "eu-west-1" },
};

/** A GitHub App in place of tokens; its key opens nothing. */
export const APP: Deployment = {
  stage: "production",
  settings: {
    ...secrets,
    GITHUB_APP_ID: "4711",
    SST_SECRET_GithubAppKey: throwawayKey(),
    GITHUB_API_URL: "https://github.example.com/api/v3",
    CODY_REPOS: "acme/*",
    AWS_REGION: "eu-west-1",
  },
};

/** Everything that can be said with tokens. */
export const PRIVATE: Deployment = {
  stage: "dev",
  settings: {
    ...secrets,
    SST_SECRET_GithubReadToken: "synthesis-github-read\n",
    SST_SECRET_GithubWriteToken: "synthesis-github-write",
    SST_SECRET_SigningKey: SIGNING_KEY,
    SST_SECRET_RegistryCredentials: "acme=synthesis-registry",
    CODY_REPOS: "acme/*,other/app",
    CODY_MODEL: "claude-opus-5-5",
    CODY_ADMINS: "U0000000001",
    CODY_CHANNELS: "C0000000001",
    CODY_PEOPLE: '{"U0000000001":"octocat"}',
    CODY_STRICT: "1",
    CODY_READERS: "channel",
    ANTHROPIC_BASE_URL: "https://gateway.example.com",
    CODY_EFFORT: "high",
    CODY_MAX_TURNS: "100",
    CODY_MAX_MINUTES: "30",
    CODY_COMMAND_SECONDS: "45",
    CODY_PRIVATE: "1",
    CODY_SETUP_NETWORK: "any",
    CODY_REGISTRIES: '[{"ecosystem":"npm","host":"npm.example.com","names":["@acme/*"],"credential":"acme"}]',
    CODY_PRIVATE_HOSTS: "nexus.example.com,10.1.2.3:8081",
    CODY_RUNNER_CPU: "2",
    CODY_RUNNER_MEMORY: "8",
    CODY_RUNNER_IMAGE: "registry.example.com/cody-java:1",
    CODY_TOOLCHAINS: "java maven",
    CODY_IMAGES: "java21=registry.example.com/cody-java:21 dot.net=registry.example.com/cody-dotnet:9",
    CODY_ALARM_EMAIL: "someone@example.com",
    CODY_SPEND_ALARM_USD: "25",
    GITHUB_API_URL: "https://github.example.com/api/v3",
    GITHUB_SERVER_URL: "https://github.example.com",
    CODY_PULL_REQUEST_CALLS: "1200",
    CODY_OPENED_PER_HOUR: "3",
    CODY_OPEN_AT_ONCE: "20",
    AWS_REGION: "eu-west-1",
  },
};

const GITHUB: Record<string, Record<string, string>> = {
  "one token": { SST_SECRET_GithubToken: "synthesis-github" },
  "two tokens": {
    SST_SECRET_GithubReadToken: "synthesis-github-read",
    SST_SECRET_GithubWriteToken: "synthesis-github-write",
  },
  "an App": { GITHUB_APP_ID: "4711", SST_SECRET_GithubAppKey: throwawayKey() },
};
const SIGNING = {
  "unsigned commits": {},
  "signed commits": { SST_SECRET_SigningKey: SIGNING_KEY },
};
const NETWORK = { "public subnets": {}, "private subnets": { CODY_PRIVATE: "1" } };
const IMAGE = { "our image": {}, "their image": { CODY_RUNNER_IMAGE: "registry.example.com/cody-java:1" } };

/**
 * What makes other resources or other permissions, in half of its combinations, chosen so that any three of the four
 * come in every combination of theirs: the image follows from the parity of the other three.
 */
export const COMBINATIONS: Record<string, Deployment> = Object.fromEntries(
  Object.entries(GITHUB).flatMap(([github, ofGithub], i) =>
    Object.entries(SIGNING).flatMap(([signing, ofSigning], j) =>
      Object.entries(NETWORK).map(([network, ofNetwork], k): [string, Deployment] => {
        const [image, ofImage] = Object.entries(IMAGE)[(i + j + k) % 2]!;
        const settings = { ...secrets, ...ofGithub, ...ofSigning, ...ofNetwork, ...ofImage };
        return [
          [github, signing, network, image].join(", "),
          { stage: "dev", settings: { ...settings, CODY_REPOS: "acme/*", AWS_REGION: "eu-west-1" } },
        ];
      }),
    ),
  ),
);

/** Worked out together, because most of the time goes to what they share; those that many tests wait for come first. */
export const TOGETHER: readonly (readonly Deployment[])[] = [[PRODUCTION, APP, PRIVATE], Object.values(COMBINATIONS)];
