import Anthropic, { APIConnectionError } from "@anthropic-ai/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { failureOf } from "../../packages/agent/failures.ts";
import { runAgent } from "../../packages/agent/run-agent.ts";
import { Reason } from "../../packages/jobs/reasons.ts";
import type { ClaudeFault } from "../../packages/stand-ins/claude/faults.ts";
import { type Stage, stage } from "./stage.ts";

const PAGE =
  "<!DOCTYPE html><html><head><title>nginx</title></head><body><h1>Sorry</h1><script>x()</script></body></html>";
const page = (status: number, body = PAGE, headers?: Record<string, string>): ClaudeFault => ({
  kind: "page",
  status,
  body,
  ...(headers && { headers }),
});
const json = (status: number, body: unknown) =>
  page(status, JSON.stringify(body), { "content-type": "application/json" });
const api = (status: number, type: string, message: string): ClaudeFault => ({ kind: "status", status, type, message });

describe("whatever answers in place of Claude becomes one plain sentence with a next step", () => {
  let on: Stage;
  beforeAll(async () => {
    on = await stage();
  });
  afterAll(() => on[Symbol.asyncDispose]());
  beforeEach(() => {
    on.claude.faults.length = 0;
    on.slept.length = 0;
  });

  const table: [string, ClaudeFault, string, RegExp, number][] = [
    [
      "413 and a proxy's page",
      page(413),
      "model-request",
      /larger than Claude, or a proxy on the way to it, accepts/,
      0,
    ],
    [
      "413 of the API",
      api(413, "request_too_large", "Request exceeds the maximum size"),
      "model-request",
      /larger than Claude/,
      0,
    ],
    ["400 and a proxy's page", page(400), "model-blocked", /refused the request with 400/, 0],
    [
      "403 and a page: a region or a firewall",
      page(403),
      "model-blocked",
      /with 403: a proxy, or a rule of this region/,
      0,
    ],
    [
      "403 of the API",
      api(403, "permission_error", "Your API key does not have permission."),
      "model-key",
      /refused our API key: Your API key does not/,
      0,
    ],
    ["401 and a page", page(401), "model-key", /^Claude refused our API key\.$/, 0],
    ["404 and a page: a wrong address", page(404), "model-address", /not the Messages API: it knows no such path/, 0],
    ["404 of another API", json(404, { detail: "Not Found" }), "model-address", /knows no such path/, 0],
    ["405", json(405, { detail: "Method Not Allowed" }), "model-address", /knows no such path/, 0],
    [
      "404 of a model",
      api(404, "not_found_error", "model: claude-x"),
      "model-unknown",
      /does not know this model: model: claude-x/,
      0,
    ],
    ["200 and a captive portal's page", page(200), "model-address", /it sent a web page/, 5],
    ["200 and some JSON", json(200, { ok: true }), "model-address", /it sent application\/json/, 5],
    ["502 of a gateway", page(502), "model-unreachable", /a gateway on the way to it answered 502/, 5],
    ["503 of a gateway", page(503), "model-unreachable", /answered 503/, 5],
    ["504 of a gateway without a word", page(504, ""), "model-unreachable", /answered 504/, 5],
    ["520 of a content network", page(520), "model-unreachable", /answered 520/, 5],
    [
      "an error without a message",
      json(400, { type: "error", error: { type: "invalid_request_error" } }),
      "model-request",
      /^Claude did not accept our request\.$/,
      0,
    ],
    [
      "an error whose message is no text",
      json(400, { error: { type: "x", message: { a: 1 } } }),
      "model-request",
      /^Claude did not accept our request\.$/,
      0,
    ],
    [
      "an error with markup in its message",
      api(400, "invalid_request_error", "See <a href='x'>this</a>\nnow"),
      "model-request",
      /^Claude did not accept our request\.$/,
      0,
    ],
    [
      "an error with a message of many lines",
      api(400, "invalid_request_error", `a\n\tb ${"long ".repeat(200)}`),
      "model-request",
      /^Claude did not accept our request: a b long /,
      0,
    ],
    [
      "an empty purse",
      api(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
      "spend-limit",
      /Your credit balance is too low/,
      0,
    ],
    ["402 and nothing", page(402, ""), "spend-limit", /spend limit/, 0],
  ];
  test.each(table)("%s", async (_, fault, code, sentence, retries) => {
    on.claude.faults.push(...Array(retries + 1).fill(fault));
    const { ending } = await runAgent(on.deps, on.input());
    const { reason } = ending as { reason: Reason };
    expect(Reason.parse(reason).code).toBe(code);
    expect(reason.message).toMatch(sentence);
    expect(`${reason.message} ${reason.nextStep}`).not.toMatch(/[<>{}\n]|\s{2}/);
    expect(reason.nextStep).toMatch(/Retry|new job/);
    expect(on.slept).toHaveLength(retries);
    expect(on.claude.faults).toEqual([]);
  });

  test("529 and 503 with retry-after wait as long as they say", async () => {
    on.claude.faults.push(page(503, PAGE, { "retry-after": "7" }), {
      ...api(529, "overloaded_error", "Overloaded"),
      headers: { "retry-after": "9" },
    } as ClaudeFault);
    await runAgent(on.deps, on.input());
    expect(on.slept).toEqual([7_000, 9_000]);
  });
});

describe("a connection that fails", () => {
  const failed = (code: string) =>
    new APIConnectionError({
      cause: new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code }) }),
    });
  test.each([
    ["ENOTFOUND", "retry", /the name of its host is not known here \(ENOTFOUND\)/],
    ["EAI_AGAIN", "retry", /could not be looked up/],
    ["ECONNREFUSED", "retry", /nothing listens at its address/],
    ["UND_ERR_SOCKET", "retry", /the connection was cut/],
    ["ENEW", "retry", /the connection failed \(ENEW\)/],
    ["SELF_SIGNED_CERT_IN_CHAIN", "stop", /its certificate is not trusted here \(SELF_SIGNED_CERT_IN_CHAIN\)/],
    ["CERT_HAS_EXPIRED", "stop", /certificate/],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "stop", /certificate/],
  ])("%s: %s", (code, kind, words) => {
    const failure = failureOf(failed(code), new Date());
    const reason =
      failure.kind === "stop" ? failure.reason : failure.kind === "retry" ? failure.whenExhausted : undefined;
    expect(failure.kind).toBe(kind);
    expect(reason).toMatchObject({ code: "model-unreachable", message: expect.stringMatching(words) });
  });

  test("really: a host that no name server knows", async () => {
    const client = new Anthropic({ baseURL: "http://claude.invalid", apiKey: "k", logLevel: "off", maxRetries: 0 });
    const error = await client.messages
      .create({ model: "m", max_tokens: 1, messages: [{ role: "user", content: "?" }] })
      .catch((cause: unknown) => cause);
    expect(failureOf(error, new Date())).toMatchObject({
      kind: "retry",
      whenExhausted: { message: expect.stringMatching(/^Claude could not be reached: the name of its host .*\)\.$/) },
    });
  });
});
