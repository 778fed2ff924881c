import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

export type Credentials = { accessKeyId: string; secretAccessKey: string };
export type SignatureRules = { credentials: Credentials; service: string; region: string; now: () => Date };

/** Each service has its own error names for these. */
export type SignatureProblem =
  | "missing"
  | "malformed"
  | "unknown-key"
  | "wrong-scope"
  | "skewed"
  | "expired"
  | "unsigned-header"
  | "mismatch";

export class SignatureRefused extends Error {
  override name = "SignatureRefused";
  readonly problem: SignatureProblem;
  constructor(problem: SignatureProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const AUTHORIZATION = new RegExp(
  `^${ALGORITHM} +Credential=([^, ]+), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]+)$`,
);
const MAX_SKEW_MS = 15 * 60_000;
const MAX_PRESIGNED_SECONDS = 7 * 24 * 3_600;

const hmac = (key: string | Buffer | KeyObject, text: string) => createHmac("sha256", key).update(text).digest();
export const sha256 = (data: string | Buffer) => hash("sha256", data, "hex");
/** RFC 3986, which encodeURIComponent is not. */
export const encodeRfc3986 = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const signingKeys = new WeakMap<SignatureRules, { day: string; key: KeyObject }>();

/** Derived once a day, as AWS's own clients do it: a request then takes one HMAC in place of five. */
function signingKeyOf(rules: SignatureRules, day: string): KeyObject {
  const known = signingKeys.get(rules);
  if (known?.day === day) return known.key;
  const { credentials, region, service } = rules;
  const derived = [region, service, "aws4_request"].reduce<Buffer>(
    hmac,
    hmac(`AWS4${credentials.secretAccessKey}`, day),
  );
  // From bytes Node would make such an object at each request, which costs more than the HMAC.
  const key = createSecretKey(derived);
  signingKeys.set(rules, { day, key });
  return key;
}

type Claim = {
  presigned: boolean;
  credential: string;
  signedHeaders: string[];
  signature: string;
  timestamp: string;
  expiresSeconds?: number;
};

/** Name and value, decoded, in the order of the request line. Throws URIError. */
export const queryOf = (request: IncomingMessage): [string, string][] =>
  (request.url ?? "")
    .split("?")
    .slice(1)
    .join("?")
    .split("&")
    .filter(Boolean)
    .map((pair) => {
      const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
      return [decodeURIComponent(name), decodeURIComponent(value)];
    });

function claimOf(request: IncomingMessage, query: Map<string, string>): Claim {
  const { authorization } = request.headers;
  const inQuery = query.has("X-Amz-Signature") || query.has("X-Amz-Algorithm");
  if (authorization && inQuery) throw new SignatureRefused("malformed", "Only one auth mechanism allowed.");
  const part = (name: string) => query.get(`X-Amz-${name}`) ?? "";
  if (inQuery)
    return {
      presigned: true,
      credential: part("Algorithm") === ALGORITHM ? part("Credential") : "",
      signedHeaders: part("SignedHeaders").split(";"),
      signature: part("Signature"),
      timestamp: part("Date"),
      expiresSeconds: Number(part("Expires") || Number.NaN),
    };
  if (!authorization) throw new SignatureRefused("missing", "The request is not signed.");
  const [, credential = "", signedHeaders = "", signature = ""] = AUTHORIZATION.exec(authorization) ?? [];
  const timestamp = String(request.headers["x-amz-date"] ?? "");
  return { presigned: false, credential, signedHeaders: signedHeaders.split(";"), signature, timestamp };
}

function checkTime({ timestamp, expiresSeconds, presigned }: Claim, now: Date) {
  const signedAt = Date.parse(timestamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (Number.isNaN(signedAt))
    throw new SignatureRefused("malformed", "The date of the signature is missing or invalid.");
  const age = now.getTime() - signedAt;
  if (presigned) {
    if (!(expiresSeconds !== undefined && expiresSeconds >= 1 && expiresSeconds <= MAX_PRESIGNED_SECONDS))
      throw new SignatureRefused("malformed", "X-Amz-Expires must be between 1 and 604800 seconds.");
    if (age > expiresSeconds * 1_000) throw new SignatureRefused("expired", "Request has expired");
  }
  if (presigned ? age < -MAX_SKEW_MS : Math.abs(age) > MAX_SKEW_MS)
    throw new SignatureRefused("skewed", "The difference between the request time and the current time is too large.");
}

function checkHeaders(request: IncomingMessage, { signedHeaders }: Claim) {
  const unsigned = Object.keys(request.headers).filter((name) => name.startsWith("x-amz-") || name === "host");
  const missing = unsigned.filter((name) => !signedHeaders.includes(name));
  if (missing.length > 0)
    throw new SignatureRefused(
      "unsigned-header",
      `There were headers present in the request which were not signed: ${missing.join(", ")}`,
    );
}

const canonicalQuery = (query: [string, string][]) =>
  query
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
    .toSorted()
    .join("&");

const canonicalHeaders = (request: IncomingMessage, names: string[]) =>
  names.map((name) => {
    const values = request.headersDistinct[name] ?? [];
    return `${name}:${values.map((value) => value.trim().replace(/ +/g, " ")).join(",")}\n`;
  });

/**
 * Signature Version 4, by header or by presigned link, over the path as it came in: a parsed URL has lost its `..`.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export function verifySignature(request: IncomingMessage, payloadHash: string, rules: SignatureRules): void {
  const query = queryOf(request);
  const claim = claimOf(request, new Map(query));
  const [accessKeyId, day = "", region, service, end] = claim.credential.split("/");
  if (!claim.credential || !claim.signature || end !== "aws4_request")
    throw new SignatureRefused("malformed", "The authorization header or query is malformed.");
  if (accessKeyId !== rules.credentials.accessKeyId)
    throw new SignatureRefused("unknown-key", "The access key id does not exist in our records.");
  if (region !== rules.region || service !== rules.service || !claim.timestamp.startsWith(day))
    throw new SignatureRefused(
      "wrong-scope",
      `The credential is for ${day}/${region}/${service}; expecting ${claim.timestamp.slice(0, 8)}/${rules.region}/${rules.service}.`,
    );
  checkTime(claim, rules.now());
  checkHeaders(request, claim);

  const canonical = [
    request.method,
    (request.url ?? "").split("?")[0],
    canonicalQuery(query),
    canonicalHeaders(request, claim.signedHeaders).join(""),
    claim.signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const expected = hmac(signingKeyOf(rules, day), [ALGORITHM, claim.timestamp, scope, sha256(canonical)].join("\n"));
  const given = Buffer.from(claim.signature, "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new SignatureRefused(
      "mismatch",
      "The signature does not match: check the secret key and the signing method.",
    );
}
