import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { steadyNow } from "../../clock/steady-clock.ts";
import { readWholeBody } from "../loopback/body.ts";
import type { Disturb } from "../loopback/disturb.ts";
import { listen } from "../loopback/listen.ts";
import { admit } from "../loopback/page-key.ts";
import type { Courier } from "./delivery.ts";
import { createEvents } from "./events.ts";
import { createFiles } from "./files.ts";
import { deliverByHttp } from "./http-delivery.ts";
import { createInteractions } from "./interactions.ts";
import { openEntryLog } from "./journal.ts";
import { SLACK_LIMITS, type SlackLimits } from "./limits.ts";
import { readManifest } from "./manifest.ts";
import { createModals } from "./modals.ts";
import { createPageApi } from "./page/api.ts";
import { createPageServer } from "./page/serve.ts";
import { createPerson, type Person } from "./person.ts";
import { createResponseUrls } from "./response-urls.ts";
import { serveSocketMode } from "./socket-mode.ts";
import { createTriggers } from "./triggers.ts";
import { createWebApi, type Received } from "./web-api/api.ts";
import { type ChannelSetup, createWorkspace, type PersonSetup } from "./workspace.ts";

export type SlackOptions<Name extends string> = {
  /** Where channels and messages survive a restart; absent: nothing does. */
  folder?: string;
  log: (line: string) => void;
  /** The parsed manifest of the app; Socket Mode or HTTP as it says. */
  manifest: unknown;
  botToken: string;
  appToken: string;
  /** Lets a browser see the workspace; absent: a new one. */
  pageKey?: string;
  port?: number;
  people?: PersonSetup<Name>[];
  channels?: ChannelSetup[];
  /** For a manifest without Socket Mode: where the app really listens, and what Slack signs with. */
  http?: { url: string; signingSecret: string };
  limits?: Partial<SlackLimits>;
  nowMs?: () => number;
  /** What happens to a request on its way, for tests. */
  disturb?: Disturb | undefined;
  /** Stands between Slack and the app, for tests: may send again what it has sent. */
  carry?: ((courier: Courier) => Courier) | undefined;
};

/** A file of 10 MB comes in base64. */
const MAX_BODY_BYTES = 15_000_000;
const TWO_PEOPLE = [{ name: "requester" }, { name: "second" }] as const;

/** A Slack workspace with one app installed, on loopback: Web API, Socket Mode or signed HTTP, and people to act as. */
export async function startSlack<Name extends string = "requester" | "second">(options: SlackOptions<Name>) {
  const { log, nowMs = steadyNow, pageKey = randomBytes(20).toString("hex") } = options;
  const manifest = readManifest(options.manifest);
  const limits: SlackLimits = { ...SLACK_LIMITS, ...options.limits };
  const people = options.people ?? (TWO_PEOPLE as unknown as PersonSetup<Name>[]);
  const setup = {
    appName: manifest.features.bot_user.display_name,
    people,
    channels: options.channels ?? [{ name: "cody" }, { name: "elsewhere", withoutApp: true }],
  };

  const server = await listen(
    "slack",
    (request, response) => {
      answer(request, response).catch((error: unknown) => {
        log(`slack stand-in failed: ${error instanceof Error ? error.stack : error}`);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    },
    options,
  );
  const url = () => server.url;

  const listeners: Received[] = [];
  const received: Received = (shown) => {
    for (const listener of listeners) listener(shown);
  };
  const workspace = createWorkspace(setup, openEntryLog(options.folder, "workspace.jsonl"), nowMs);
  const modals = createModals({ nowMs, changed: workspace.modalsChanged });
  const triggers = createTriggers(nowMs, limits.triggerMs);
  const responses = createResponseUrls({ url, workspace, nowMs, received });
  const files = createFiles({
    url,
    nowMs,
    botToken: options.botToken,
    mayRead: manifest.oauth_config.scopes.bot.includes("files:read"),
  });
  const socketMode = serveSocketMode(server.server, { url, nowMs, ackMs: limits.ackMs, log });
  const { carry = (courier) => courier } = options;
  const courier = carry(chooseCourier());
  const events = createEvents({ manifest, workspace, courier, nowMs, retriesMs: limits.eventRetriesMs, log });
  workspace.onChange((change) => {
    const channel = change.kind === "posted" && workspace.channel(change.channel);
    if (channel) events.messagePosted(channel, change.message);
  });
  const interactions = createInteractions({
    manifest,
    workspace,
    modals,
    triggers,
    responses,
    courier,
    log,
    received,
  });
  const permalink = (channel: string, ts: string) => `${url()}/archives/${channel}/p${ts.replace(".", "")}`;
  const api = createWebApi(
    { workspace, modals, triggers, manifest, nowMs, openConnection: socketMode.openConnection, permalink },
    options,
    limits,
    { log, received },
  );

  const persons = workspace.people.map((user) =>
    createPerson(user, { workspace, modals, interactions, events, files }),
  );
  const actors = Object.fromEntries(persons.map((person) => [person.handle, person])) as Record<Name, Person>;
  const servePage = createPageServer(createPageApi({ workspace, modals, manifest, people: actors }), bodyOf);

  function chooseCourier(): Courier {
    if (manifest.settings.socket_mode_enabled) return socketMode;
    if (!options.http) throw new Error("This manifest is for HTTP: say where the app listens and the signing secret.");
    return deliverByHttp({ ...options.http, ackMs: limits.ackMs, nowMs, log });
  }

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const requested = new URL(request.url ?? "/", "http://localhost");
    const [, area, name] = requested.pathname.split("/");
    if (area === "page") return servePage(request, response, requested);
    if (area === "" || area === "workspace")
      return admit(pageKey, request, response) ? servePage(request, response, requested) : undefined;
    if (area === "files-pri" && request.method === "GET") {
      const { status, type, body } = files.serve(requested.pathname, request.headers.authorization);
      return void response.writeHead(status, { "content-type": type }).end(body);
    }
    if (request.method !== "POST" || !name) return void response.writeHead(404).end();
    const body = await bodyOf(request);
    if (area === "response") {
      const answered = responses.answer(name, body);
      return void response.writeHead(answered.status, { "content-type": "text/plain" }).end(answered.body);
    }
    if (area !== "api") return void response.writeHead(404).end();
    const answered = await api.answer({
      method: name,
      authorization: request.headers.authorization,
      contentType: request.headers["content-type"] ?? "",
      body,
    });
    response.writeHead(answered.status, { "content-type": "application/json; charset=utf-8", ...answered.headers });
    response.end(JSON.stringify(answered.body));
  }

  return {
    url: url(),
    pageKey,
    /** To open in a browser, as this person: the key in it lets the browser in. */
    pageUrl: (person?: Name) => `${url()}/?${new URLSearchParams({ key: pageKey, ...(person && { as: person }) })}`,
    apiUrl: `${url()}/api/`,
    workspace,
    people: actors,
    /** Calls back with everything that the app asks to be shown, also with what is refused then. */
    onReceived: (listener: Received) => void listeners.push(listener),
    /** Every Web API call so far. */
    calls: api.calls,
    /** Open Socket Mode connections. */
    connections: socketMode.connections,
    /** Tells connected apps to connect anew, as Slack does now and then. */
    refreshConnections: socketMode.refresh,
    stop: async () => {
      events.stop();
      await socketMode.stop();
      await server.stopNow();
    },
  };
}
export type Slack<Name extends string = "requester" | "second"> = Awaited<ReturnType<typeof startSlack<Name>>>;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const body = await readWholeBody(request, MAX_BODY_BYTES);
  if (!body) throw new Error("A request is larger than Slack takes.");
  return body.toString("utf8");
}
