import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { readBody } from "../aws/body.ts";
import { listen } from "../aws/listen.ts";
import { type Credentials, SignatureRefused, sha256, verifySignature } from "../aws/signature.ts";

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

/** The stand-in for Lambda's Invoke, synchronous only. What it refuses looks like Lambda's own refusals. */
export function startLambda({ functions, region, log, behindProxy, ...credentials }: LambdaOptions) {
  const rules = { credentials, service: "lambda", region, now: () => new Date() };

  async function answer(request: IncomingMessage): Promise<{ body: unknown; failed?: boolean }> {
    const body = await readBody(request, MAX_PAYLOAD_BYTES);
    if (!body) throw new Refused(413, "RequestTooLargeException", "Request must be smaller than 6291456 bytes.");
    try {
      verifySignature(request, sha256(body), rules);
    } catch (error) {
      if (!(error instanceof SignatureRefused)) throw error;
      throw new Refused(403, "InvalidSignatureException", error.message);
    }
    const [, name = ""] = INVOKE.exec(request.url ?? "") ?? [];
    const invoke = request.method === "POST" ? functions[decodeURIComponent(name)] : undefined;
    if (!invoke) throw new Refused(404, "ResourceNotFoundException", `Function not found: ${name}`);
    if ((request.headers["x-amz-invocation-type"] ?? "RequestResponse") !== "RequestResponse")
      throw new Refused(400, "InvalidParameterValueException", "Only RequestResponse is known here.");
    try {
      return { body: await invoke(JSON.parse(body.toString() || "null")) };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      log(`lambda: ${name} failed: ${errorType}: ${errorMessage}`);
      return { failed: true, body: { errorType, errorMessage } };
    }
  }

  return listen(
    async (request, response) => {
      const head = { "content-type": "application/json", "x-amzn-requestid": randomUUID() };
      try {
        const { body, failed } = await answer(request);
        const failure = failed ? { "x-amz-function-error": "Unhandled" } : {};
        response.writeHead(200, { ...head, ...failure }).end(JSON.stringify(body ?? null));
      } catch (error) {
        const refused = error instanceof Refused ? error : new Refused(500, "ServiceException", String(error));
        log(`lambda: refused ${request.method} ${request.url}: ${refused.status} ${refused.message}`);
        const body = JSON.stringify({ Type: "User", Message: refused.message });
        response.writeHead(refused.status, { ...head, "x-amzn-errortype": refused.code }).end(body);
      }
    },
    { log: (line) => log(`lambda: ${line}`), behindProxy },
  );
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
