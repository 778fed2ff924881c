import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener } from "node:http";
import { readWholeBody } from "../loopback/body.ts";
import { type SignatureRules, sha256, verifySignature } from "./signature.ts";

/** `body`: JSON. */
export type JsonReply = { status: number; body: string; headers?: Record<string, string> };

/** The body is larger than the service takes. */
export class TooLarge extends Error {
  override name = "TooLarge";
}

type JsonService = {
  rules: SignatureRules;
  maxBytes: number;
  contentType: string;
  answer(request: IncomingMessage, body: Buffer): Promise<JsonReply>;
  /** A refusal in the service's own words: of a signature, of what is too large, of what `answer` throws. */
  refusal(error: unknown): JsonReply;
  /** Sees each answer: what was refused gets its line. */
  note(request: IncomingMessage, reply: JsonReply): void;
};

/** AWS's JSON protocols: nothing that is not signed is read, and each answer has an id. */
export const serveJson =
  ({ rules, maxBytes, contentType, answer, refusal, note }: JsonService): RequestListener =>
  async (request, response) => {
    const reply = await signedBody(request, rules, maxBytes)
      .then((body) => answer(request, body))
      .catch(refusal);
    note(request, reply);
    response
      .writeHead(reply.status, {
        "content-type": contentType,
        "content-length": Buffer.byteLength(reply.body),
        "x-amzn-requestid": randomUUID(),
        ...reply.headers,
      })
      .end(reply.body);
  };

async function signedBody(request: IncomingMessage, rules: SignatureRules, maxBytes: number): Promise<Buffer> {
  const body = await readWholeBody(request, maxBytes);
  if (!body) throw new TooLarge(`Request must be smaller than ${maxBytes} bytes.`);
  verifySignature(request, sha256(body), rules);
  return body;
}
