import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { malformed } from "../../config/read.ts";
import { pairProblems } from "../../config/rules.ts";
import type { Environment } from "../../config/zones.ts";
import { UserError } from "../../jobs/errors.ts";
import { startClaude } from "../../stand-ins/claude/start-claude.ts";
import { startDynamo } from "../../stand-ins/dynamodb/dynamo.ts";
import { startForge } from "../../stand-ins/forge/forge.ts";
import type { Disturb, Disturbance } from "../../stand-ins/loopback/disturb.ts";
import { ownKeys } from "../../stand-ins/loopback/own-keys.ts";
import { startS3 } from "../../stand-ins/s3/s3.ts";
import type { Courier } from "../../stand-ins/slack/delivery.ts";
import type { SlackLimits } from "../../stand-ins/slack/limits.ts";
import { startSlack } from "../../stand-ins/slack/start.ts";
import { tableDefinition } from "../../store/table.ts";
import { LOCAL_CHANNELS, localPeople } from "./local-workspace.ts";

/** What runs where, for the screen that `npm start` shows. */
type Service = { name: string; real: boolean; where: string };

export const TABLE = "cody";
export const BUCKET = "cody-local";

export type ServiceOptions = {
  folder: string;
  env: Environment;
  log: (line: string) => void;
  /** The first of consecutive ports; absent: free ones. */
  port?: number;
  /** How long the scripted model thinks before each answer. */
  thinkMs?: number;
  /** What happens to a request to a stand-in on its way, for tests. */
  disturb?: ((service: string, request: IncomingMessage) => Disturbance | undefined) | undefined;
  /** Stands between the Slack stand-in and the app, for tests. */
  carry?: (courier: Courier) => Courier;
  /** How long the Slack stand-in waits for what, where it is not Slack's own, for tests. */
  slackLimits?: Partial<SlackLimits>;
  /** Absent: that of the product. */
  slackManifest?: Parameters<typeof startSlack>[0]["manifest"];
};

/**
 * Every outside service: the real one where its variables are set, a stand-in elsewhere. `env` holds the variables with
 * which the entry points reach them.
 */
export async function startServices(options: ServiceOptions) {
  const { folder, env, log } = options;
  checkPairs(env);
  const port = (offset: number) => (options.port === undefined ? {} : { port: options.port + offset });
  const at = (name: string) => join(folder, name);
  const common = (service: string) => ({ log, disturb: disturbOf(options, service) });
  const { accessKeyId, secretAccessKey, botToken, appToken, modelKey, pageKey } = ownKeys(folder);
  const awsKeys = { accessKeyId, secretAccessKey };
  await using starting = new AsyncDisposableStack();
  const begin = async <S extends { stop(): Promise<void> }>(name: string, start: Promise<S>) => {
    const service = await start.catch((error: unknown) => portTaken(name, error));
    starting.defer(() => service.stop());
    return service;
  };

  const dynamo = await begin(
    "DynamoDB",
    startDynamo({
      folder: at("dynamodb"),
      tables: [tableDefinition(TABLE)],
      ...awsKeys,
      ...common("DynamoDB"),
      ...port(3),
    }),
  );
  const s3 = await begin(
    "S3",
    startS3({ folder: at("s3"), buckets: [BUCKET], ...awsKeys, ...common("S3"), ...port(2) }),
  );
  const forge = has(env, ...GITHUB_VARIABLES)
    ? undefined
    : await begin("GitHub", startForge({ folder: at("forge"), ...common("GitHub"), pageKey, ...port(1) }));
  const claude = has(env, "ANTHROPIC_API_KEY")
    ? undefined
    : await begin(
        "Claude",
        startClaude({
          log,
          apiKey: modelKey,
          ...port(4),
          ...(options.thinkMs !== undefined && { delayMs: options.thinkMs }),
        }),
      );
  const slack = has(env, "SLACK_BOT_TOKEN")
    ? undefined
    : await begin(
        "Slack",
        startSlack({
          folder: at("slack"),
          manifest: options.slackManifest ?? socketManifest(),
          botToken,
          appToken,
          pageKey,
          people: localPeople(env),
          channels: LOCAL_CHANNELS,
          carry: options.carry,
          ...(options.slackLimits && { limits: options.slackLimits }),
          ...common("Slack"),
          ...port(0),
        }),
      );
  const running = starting.move();

  return {
    slack,
    forge,
    claude,
    stream: dynamo.stream,
    env: {
      ...env,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: undefined,
      AWS_PROFILE: undefined,
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      CODY_TABLE: TABLE,
      CODY_BUCKET: BUCKET,
      ...(forge && {
        GITHUB_API_URL: forge.apiUrl,
        GITHUB_SERVER_URL: forge.serverUrl,
        GITHUB_READ_TOKEN: forge.readToken,
        GITHUB_WRITE_TOKEN: forge.writeToken,
      }),
      ...(claude && { ANTHROPIC_API_KEY: claude.apiKey, ANTHROPIC_BASE_URL: claude.url }),
      ...(slack && {
        SLACK_BOT_TOKEN: botToken,
        SLACK_APP_TOKEN: appToken,
        SLACK_API_URL: slack.apiUrl,
      }),
    } satisfies Environment as Environment,
    services: [
      { name: "Slack", real: !slack, where: slack?.url ?? "Socket Mode" },
      { name: "GitHub", real: !forge, where: forge?.serverUrl ?? env.GITHUB_SERVER_URL ?? "https://github.com" },
      { name: "Claude", real: !claude, where: claude?.url ?? env.ANTHROPIC_BASE_URL ?? "https://api.anthropic.com" },
      { name: "DynamoDB", real: false, where: dynamo.url },
      { name: "S3", real: false, where: s3.url },
    ] satisfies Service[] as Service[],
    stop: () => running.disposeAsync(),
  };
}
export type Services = Awaited<ReturnType<typeof startServices>>;

export const disturbOf = ({ disturb }: Pick<ServiceOptions, "disturb">, service: string): Disturb | undefined =>
  disturb && ((request) => disturb(service, request));

/** The services that the variables make real. */
export const realServices = (env: Environment): string[] => [
  ...(has(env, "SLACK_BOT_TOKEN") ? ["Slack"] : []),
  ...(has(env, ...GITHUB_VARIABLES) ? ["GitHub"] : []),
  ...(has(env, "ANTHROPIC_API_KEY") ? ["Claude"] : []),
];
const GITHUB_VARIABLES = ["GITHUB_TOKEN", "GITHUB_READ_TOKEN", "GITHUB_APP_ID"];

const has = (env: Environment, ...names: string[]) => names.some((name) => Boolean(env[name]));

function checkPairs(env: Environment) {
  const problems = [...pairProblems(env), ...malformed(env).map(({ says }) => says)];
  if (problems.length > 0) throw new UserError(problems.join("\n"));
}

export function portTaken(name: string, error: unknown): never {
  const { code, port } = ((error as Error).cause ?? error) as { code?: string; port?: number };
  if (code !== "EADDRINUSE") throw error;
  throw new UserError(
    `Port ${port}, for the ${name} stand-in, is taken. Stop what uses it, or set CODY_PORT to the first of six free ports.`,
    { cause: error },
  );
}

const socketManifest = () =>
  JSON.parse(readFileSync(new URL("../../../slack/manifest.socket.json", import.meta.url), "utf8"));
