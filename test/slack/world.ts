import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { selectRepositories } from "../../packages/github/select-repositories.ts";
import { createSessionRight } from "../../packages/notify/agent-session.ts";
import { createSlackClient } from "../../packages/notify/client.ts";
import { createRateLimiter, type Slots } from "../../packages/notify/rate-limiter.ts";
import type { ThreadDeps } from "../../packages/notify/thread-deps.ts";
import { startSlack } from "../../packages/stand-ins/slack/start.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { createApp, socketReceiver } from "../../slack/app.ts";
import type { SlackDeps } from "../../slack/deps.ts";
import { PATIENT } from "../patience.ts";
import { TABLE } from "../stand-ins/dynamodb-folder.ts";
import { documentsAt } from "../store/backends.ts";
import { memoryDocuments } from "../store/memory-table.ts";
import { holdToSlackTypes } from "./types/hold.ts";

const BOT_TOKEN = "xoxb-local";
const APP_TOKEN = "xapp-local";
const KNOWN = ["acme/orders", "acme/shop", "acme/docs", "acme/api", "acme/site", "acme/mail"];

export const manifest = (kind: "socket" | "http") =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../slack/manifest.${kind}.json`), "utf8"));

const factsOf = (name: string) => ({ name, description: "", language: "Java", topics: [], archived: false });

/** The table alone: that of an address, or one in memory for one test file. */
export function openStore(url?: string) {
  const documents = url === undefined ? memoryDocuments() : documentsAt(url);
  return {
    store: createJobStore({ documents, table: TABLE, now: () => new Date() }),
    /** As another release, or a hand, writes it. */
    put: async (row: Record<string, unknown>) => {
      await documents.send(new PutCommand({ TableName: TABLE, Item: row }));
    },
  };
}
export type Store = ReturnType<typeof openStore>["store"];

/** Every workspace has its own in one table: a test's clock may be far ahead of the next one's. */
export function slotsOf(store: Slots): Slots {
  const own = randomUUID();
  return {
    takeSlot: (limit, rate) => store.takeSlot(`${own} ${limit}`, rate),
    holdSlots: (limit, rate) => store.holdSlots(`${own} ${limit}`, rate),
  };
}

/** A workspace of the stand-in with our manifest, two people, and what notify needs to write in it. */
export async function openWorkspace(
  store: ThreadDeps["store"] & Slots,
  options: Partial<Parameters<typeof startSlack<"requester" | "second">>[0]> = {},
) {
  const refused: string[] = [];
  const slack = holdToSlackTypes(
    await startSlack({
      log: (line) => refused.push(line),
      manifest: manifest("socket"),
      botToken: BOT_TOKEN,
      appToken: APP_TOKEN,
      ...options,
      limits: { ...PATIENT, ...options.limits },
    }),
  );
  const logged: string[] = [];
  const client = createSlackClient(BOT_TOKEN, { slackApiUrl: slack.apiUrl });
  const thread: ThreadDeps = {
    slack: client,
    store,
    rateLimiter: createRateLimiter({ slots: slotsOf(store) }),
    mayHaveSessions: createSessionRight(client),
    now: () => new Date(),
    sleep,
    log: (line) => logged.push(line),
  };
  const callsOf = (method: string) => slack.calls.filter((call) => call.method === method).length;
  return { slack, thread, refused, logged, callsOf };
}
export type Workspace = Awaited<ReturnType<typeof openWorkspace>>;

export const depsOver = (store: Store, changes: Partial<SlackDeps> = {}): SlackDeps => ({
  store,
  artifacts: {
    link: async (key, { fileName }) => `http://127.0.0.1:9/${key}?name=${fileName}&X-Amz-Signature=1`,
    read: async () => undefined,
    list: async function* () {},
    putOnce: async () => "stored",
  },
  files: { learn: () => {}, isGranted: () => true, read: async () => ({ failed: "late" }) },
  log: () => {},
  repositories: {
    lacksRights: async () => undefined,
    loginOf: () => undefined,
    named: async (text) => KNOWN.filter((name) => text.split(/\s/).includes(name)),
    look: async () => ({}),
    problem: async () => undefined,
    search: async (query, _who, limit) =>
      KNOWN.filter((name) => name.includes(query))
        .slice(0, limit)
        .map((name) => ({ name, description: "Java" })),
    select: async (text) => selectRepositories(KNOWN.map(factsOf), text),
    refusal: (name) => (name.startsWith("acme/") ? undefined : `${name} is not one of the repositories Cody may use.`),
  },
  settings: {
    models: [
      { id: "claude-sonnet-5-5", label: "Sonnet 5.5", group: "Recommended" },
      { id: "claude-haiku-5-5", label: "Haiku 5.5", group: "Quicker and cheaper" },
    ],
    defaultModel: "claude-sonnet-5-5",
    admins: [],
  },
  readRights: { readers: "everybody", mayRead: async () => true, readable: async () => () => true },
  startSoon: async () => {},
  now: () => new Date(),
  ...changes,
});

/** The app over Socket Mode. */
export async function connect(workspace: Workspace, deps: SlackDeps) {
  const { apiUrl: slackApiUrl } = workspace.slack;
  const log = (line: string) => workspace.logged.push(line);
  const receiver = socketReceiver({ appToken: APP_TOKEN, slackApiUrl, log });
  const app = createApp({ receiver, botToken: BOT_TOKEN, slackApiUrl, log, deps });
  await app.start();
  return app;
}
