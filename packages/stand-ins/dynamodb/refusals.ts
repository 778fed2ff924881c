import type { SignatureProblem, SignatureRefused } from "../aws/signature.ts";
import type { Reply } from "./engine.ts";
import { type Item, itemBytes, MAX_ITEM_BYTES } from "./item.ts";
import type { Change } from "./stream-record.ts";
import type { Tables } from "./tables.ts";

export const refuse = (type: string, message: string, status = 400): Reply => ({
  status,
  body: JSON.stringify({ __type: type, message }),
});

const invalid = (message: string) => refuse("com.amazon.coral.validate#ValidationException", message);

export const unavailable = (message: string) =>
  refuse("com.amazonaws.dynamodb.v20120810#InternalServerError", message, 500);

/** What DynamoDB refuses and dynalite lets through: sizes in UTF-8 bytes, and empty index keys. */
export function refusalOf({ table, after }: Change, tables: Tables): Reply | undefined {
  if (!after) return undefined;
  if (itemBytes(after) > MAX_ITEM_BYTES) return invalid("Item size has exceeded the maximum allowed size");
  const empty = tables
    .indexKeys(table)
    .find(({ attribute }) => after[attribute]?.S === "" || after[attribute]?.B === "");
  return (
    empty &&
    invalid(
      "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The " +
        "AttributeValue for a key attribute cannot contain an empty string value. " +
        `IndexName: ${empty.index}, IndexKey: ${empty.attribute}`,
    )
  );
}

/** dynalite does not know `ReturnValuesOnConditionCheckFailure: ALL_OLD`. */
export function withOldItem(
  reply: Reply,
  request: { ReturnValuesOnConditionCheckFailure?: string },
  old?: Item,
): Reply {
  if (request.ReturnValuesOnConditionCheckFailure !== "ALL_OLD" || !old) return reply;
  const body = JSON.parse(reply.body);
  if (!body.__type?.endsWith("#ConditionalCheckFailedException")) return reply;
  return { ...reply, body: JSON.stringify({ ...body, Item: old }) };
}

const SIGNATURE_ERRORS: Record<SignatureProblem, string> = {
  missing: "MissingAuthenticationTokenException",
  malformed: "IncompleteSignatureException",
  "unknown-key": "UnrecognizedClientException",
  "wrong-scope": "InvalidSignatureException",
  skewed: "InvalidSignatureException",
  expired: "InvalidSignatureException",
  "unsigned-header": "InvalidSignatureException",
  mismatch: "InvalidSignatureException",
};

export const signatureRefusal = ({ problem, message }: SignatureRefused) =>
  refuse(`com.amazon.coral.service#${SIGNATURE_ERRORS[problem]}`, message);
