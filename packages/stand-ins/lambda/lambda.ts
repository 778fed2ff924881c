import type { IncomingMessage } from "node:http";
import { type JsonReply, serveJson, TooLarge } from "../aws/json-service.ts";
import { type Credentials, SignatureRefused } from "../aws/signature.ts";
import { listen } from "../loopback/listen.ts";

export type LambdaOptions = Credentials & {
  /** Whom a caller of this endpoint may invoke, by name. */
  functions: Record<string, (event: unknown) => Promise<unknown>>;
  region: string;
  /** What was refused and what failed, one line each; never a payload. */
  log(line: string): void;
  behindProxy?: boolean;
};

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: of a synchronous invocation. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** The stand-in for Lambda's Invoke. What it refuses looks like Lambda's own refusals. */
export function startLambda({ functions, region, log, behindProxy, ...credentials }: LambdaOptions) {
  const rules = { credentials, service: "lambda", region, now: () => new Date() };

  async function answer({ url, method, headers }: IncomingMessage, body: Buffer): Promise<JsonReply> {
    const [, name = ""] = INVOKE.exec(url ?? "") ?? [];
    const invoke = method === "POST" ? functions[decodeURIComponent(name)] : undefined;
    if (!invoke) throw new Refused(404, "ResourceNotFoundException", `Function not found: ${name}`);
    const kind = headers["x-amz-invocation-type"] ?? "RequestResponse";
    if (kind === "Event") {
      invoke(JSON.parse(body.toString() || "{}")).catch((error: unknown) => log(`lambda: ${name} failed: ${error}`));
      return { status: 202, body: "" };
    }
    if (kind !== "RequestResponse")
      throw new Refused(400, "InvalidParameterValueException", "Only RequestResponse and Event are known here.");
    try {
      return { status: 200, body: JSON.stringify((await invoke(JSON.parse(body.toString() || "null"))) ?? null) };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      log(`lambda: ${name} failed: ${errorType}: ${errorMessage}`);
      return {
        status: 200,
        body: JSON.stringify({ errorType, errorMessage }),
        headers: { "x-amz-function-error": "Unhandled" },
      };
    }
  }

  return listen(
    "lambda",
    serveJson({
      rules,
      maxBytes: MAX_PAYLOAD_BYTES,
      contentType: "application/json",
      answer,
      refusal(error) {
        const { status, code, message } = refusedBy(error);
        const body = JSON.stringify({ Type: "User", Message: message });
        return { status, body, headers: { "x-amzn-errortype": code } };
      },
      note({ method, url }, { status, body }) {
        if (status !== 200) log(`lambda: refused ${method} ${url}: ${status} ${body}`);
      },
    }),
    { log, behindProxy },
  );
}

function refusedBy(error: unknown): Refused {
  if (error instanceof Refused) return error;
  const { message } = error as Error;
  if (error instanceof TooLarge) return new Refused(413, "RequestTooLargeException", message);
  if (error instanceof SignatureRefused) return new Refused(403, "InvalidSignatureException", message);
  return new Refused(500, "ServiceException", String(error));
}

class Refused extends Error {
  override name = "Refused";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
