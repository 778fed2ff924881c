import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { encode, queryOf, sha256 } from "../../../packages/local/aws/signature.ts";

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/**
 * The headers of a signed request for another host. A stand-in takes requests for its own address only, and an AWS
 * client signs the address that it was told, which is the witness's. Nothing but the host is changed.
 */
export function signedFor(host: string, request: IncomingMessage, body: Buffer, secretAccessKey: string) {
  const headers: IncomingMessage["headers"] = { ...request.headers, host };
  const [, credential = "", names = ""] =
    /Credential=([^, ]+), *SignedHeaders=([^, ]+)/.exec(request.headers.authorization ?? "") ?? [];
  if (credential === "") return headers;
  const [, day = "", region = "", service = ""] = credential.split("/");
  const query = queryOf(request).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const canonical = [
    request.method,
    (request.url ?? "").split("?")[0],
    query.toSorted().join("&"),
    ...names.split(";").map(
      (name) =>
        `${name}:${String(headers[name] ?? "")
          .trim()
          .replace(/ +/g, " ")}`,
    ),
    "",
    names,
    request.headers["x-amz-content-sha256"] ?? sha256(body),
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [region, service, "aws4_request"].reduce<Buffer>(hmac, hmac(`AWS4${secretAccessKey}`, day));
  const text = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const signature = hmac(key, text).toString("hex");
  return {
    ...headers,
    authorization: request.headers.authorization!.replace(/Signature=\w+/, `Signature=${signature}`),
  };
}
