import type { SignatureProblem } from "../aws/signature.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const ERRORS = {
  AccessDenied: [403, "Access Denied"],
  AuthorizationHeaderMalformed: [400, "The authorization header you provided is invalid."],
  BadDigest: [400, "The checksum you specified did not match what we received."],
  EntityTooLarge: [400, "Your proposed upload exceeds the maximum allowed object size."],
  IncompleteBody: [400, "You did not provide the number of bytes specified by the Content-Length HTTP header."],
  InternalError: [500, "We encountered an internal error. Please try again."],
  InvalidAccessKeyId: [403, "The AWS access key ID you provided does not exist in our records."],
  InvalidArgument: [400, "Invalid Argument"],
  InvalidRange: [416, "The requested range is not satisfiable"],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  KeyTooLongError: [400, "Your key is too long."],
  MetadataTooLarge: [400, "Your metadata headers exceed the maximum allowed metadata size."],
  MissingContentLength: [411, "You must provide the Content-Length HTTP header."],
  NoSuchBucket: [404, "The specified bucket does not exist"],
  NoSuchKey: [404, "The specified key does not exist."],
  NotImplemented: [501, "A header or query you provided implies functionality that is not implemented."],
  NotModified: [304, "Not Modified"],
  PreconditionFailed: [412, "At least one of the pre-conditions you specified did not hold"],
  RequestTimeTooSkewed: [403, "The difference between the request time and the server's time is too large."],
  SignatureDoesNotMatch: [403, "The request signature we calculated does not match the signature you provided."],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' header does not match what was computed."],
} as const;
type Code = keyof typeof ERRORS;

/** An answer in S3's words; everything else that is thrown is our own fault. */
export class S3Refusal extends Error {
  override name = "Refused";
  readonly code: Code;
  readonly status: number;
  readonly headers: Record<string, string>;
  constructor(code: Code, message: string = ERRORS[code][1], headers: Record<string, string> = {}) {
    super(message);
    this.code = code;
    [this.status] = ERRORS[code];
    this.headers = headers;
  }
}

/** What a careful client runs into every day is not worth a line in the log. */
export const isEveryday = ({ code }: S3Refusal) => ["PreconditionFailed", "NoSuchKey", "NotModified"].includes(code);

export const SIGNATURE_CODES: Record<SignatureProblem, Code> = {
  missing: "AccessDenied",
  malformed: "AuthorizationHeaderMalformed",
  "unknown-key": "InvalidAccessKeyId",
  "wrong-scope": "AuthorizationHeaderMalformed",
  skewed: "RequestTimeTooSkewed",
  expired: "AccessDenied",
  "unsigned-header": "AccessDenied",
  mismatch: "SignatureDoesNotMatch",
};
