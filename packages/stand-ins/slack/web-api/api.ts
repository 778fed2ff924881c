import { illFormedAt } from "../../../text/well-formed.ts";
import type { SlackLimits } from "../limits.ts";
import { agentMethods } from "./agents.ts";
import { chatMethods } from "./chat.ts";
import { conversationMethods } from "./conversations.ts";
import type { ApiDeps, Args, Method } from "./method.ts";
import { peopleMethods } from "./people.ts";
import { createRateLimit } from "./rate-limit.ts";
import { WebApiRefusal } from "./refusal.ts";
import { viewMethods } from "./views.ts";

const METHODS: Record<string, Method | undefined> = {
  ...agentMethods,
  ...chatMethods,
  ...viewMethods,
  ...conversationMethods,
  ...peopleMethods,
};

/** Hears of everything that an app asks to be shown, before it is checked: blocks, or a view. */
export type Received = (shown: { by: string; blocks?: unknown; view?: unknown }) => void;

export type WebApiRequest = { method: string; authorization: string | undefined; contentType: string; body: string };
export type ApiResponse = { status: number; headers: Record<string, string>; body: Record<string, unknown> };
/** For counting: what an app asked of Slack and how it was answered. */
export type ApiCall = { method: string; atMs: number; ok: boolean; error?: string; channel?: string };

/** The newest ones, for counting; a stack may run for weeks. */
const KEEP_CALLS = 50_000;

type Tokens = { botToken: string; appToken: string };

/** The Web API: who asks, may they, how often, then the method. Always HTTP 200, but 429 for too many calls. */
export function createWebApi(
  deps: ApiDeps,
  tokens: Tokens,
  limits: SlackLimits,
  { log, received }: { log: (line: string) => void; received: Received },
) {
  const waitSeconds = createRateLimit(limits, deps.nowMs);
  const calls: ApiCall[] = [];

  async function answer(request: WebApiRequest): Promise<ApiResponse> {
    const args = readArgs(request);
    const call: ApiCall = { method: request.method, atMs: deps.nowMs(), ok: true };
    if (typeof args.channel === "string") call.channel = args.channel;
    calls.push(call);
    if (calls.length > KEEP_CALLS) calls.splice(0, calls.length - KEEP_CALLS / 2);
    if (args.blocks !== undefined || args.view !== undefined)
      received({ by: request.method, blocks: args.blocks, view: args.view });
    try {
      const method = METHODS[request.method];
      if (!method) throw new WebApiRefusal("unknown_method");
      refuseIllFormed(request, args);
      authorize(method, request, args);
      const seconds = waitSeconds(request.method, args);
      if (seconds > 0) {
        Object.assign(call, { ok: false, error: "ratelimited" });
        log(`slack refused ${request.method}: rate limited for ${seconds} s`);
        return { status: 429, headers: { "retry-after": String(seconds) }, body: { ok: false, error: "ratelimited" } };
      }
      const missing = method.required.filter((name) => args[name] === undefined || args[name] === "");
      if (missing.length > 0)
        throw new WebApiRefusal(
          "invalid_arguments",
          missing.map((name) => `missing required field: ${name} [json-pointer:/${name}]`),
        );
      return {
        status: 200,
        headers: scopeHeaders(method, args),
        body: { ok: true, ...(await method.run(args, deps)) },
      };
    } catch (error) {
      if (!(error instanceof WebApiRefusal)) throw error;
      Object.assign(call, { ok: false, error: error.code });
      log(`slack refused ${request.method}: ${error.message}`);
      return { status: 200, headers: {}, body: refused(error) };
    }
  }

  function authorize(method: Method, { authorization }: WebApiRequest, args: Args) {
    const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1] ?? (method.token === "bot" ? args.token : undefined);
    if (token === undefined) throw new WebApiRefusal(method.token === "app" ? "missing_args" : "not_authed");
    const kind = { [tokens.botToken]: "bot", [tokens.appToken]: "app" }[String(token)];
    if (!kind) throw new WebApiRefusal("invalid_auth");
    if (kind !== method.token) throw new WebApiRefusal("not_allowed_token_type");
    const granted = deps.manifest.oauth_config.scopes.bot;
    const missing = (method.scopes?.(args, deps) ?? []).filter((scope) => !granted.includes(scope));
    if (missing.length > 0)
      throw new WebApiRefusal("missing_scope", [], { needed: missing.join(","), provided: granted.join(",") });
  }

  const scopeHeaders = (method: Method, args: Args): Record<string, string> => ({
    "x-oauth-scopes": deps.manifest.oauth_config.scopes.bot.join(","),
    ...(method.scopes && { "x-accepted-oauth-scopes": method.scopes(args, deps).join(",") }),
  });

  return { answer, calls };
}

const refused = (error: WebApiRefusal) => ({
  ok: false,
  error: error.code,
  ...error.more,
  ...(error.messages.length > 0 && {
    response_metadata: { messages: error.messages.map((line) => `[ERROR] ${line}`) },
  }),
});

/** Slack reads UTF-8 and JSON, in which half of a character is no text. */
function refuseIllFormed({ contentType, body }: WebApiRequest, args: Args) {
  const isJson = contentType.startsWith("application/json");
  const at = illFormedAt(args);
  if (isJson && at !== undefined) throw new WebApiRefusal("invalid_json");
  if (at?.startsWith("/blocks")) throw new WebApiRefusal("invalid_blocks");
  if (at !== undefined || !isUtf8Form(body)) throw new WebApiRefusal("invalid_form_data");
}

function isUtf8Form(body: string): boolean {
  try {
    decodeURIComponent(body.replaceAll("+", " "));
    return true;
  } catch {
    return false;
  }
}

/** Form fields hold JSON for what is not a string; a JSON body holds it as it is. */
function readArgs({ contentType, body }: WebApiRequest): Args {
  if (contentType.startsWith("application/json")) return parseJson(body, {}) as Args;
  const fields = Object.fromEntries(new URLSearchParams(body));
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      ["blocks", "view", "metadata"].includes(name) ? parseJson(value, value) : value,
    ]),
  );
}

function parseJson(text: string, onError: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return onError;
  }
}
