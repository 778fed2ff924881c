import type { SignatureProblem, SignatureRefused } from "../aws/signature.ts";
import type { EngineReply } from "./engine.ts";
import { type Item, itemBytes, MAX_ITEM_BYTES } from "./item.ts";
import type { ItemChange } from "./stream-record.ts";
import type { Tables } from "./tables.ts";

export const refusalReply = (type: string, message: string, status = 400): EngineReply => ({
  status,
  body: JSON.stringify({ __type: type, message }),
});

const invalid = (message: string) => refusalReply("com.amazon.coral.validate#ValidationException", message);

export const unavailable = (message: string) =>
  refusalReply("com.amazonaws.dynamodb.v20120810#InternalServerError", message, 500);

/** What DynamoDB refuses and dynalite lets through: sizes in UTF-8 bytes, and empty index keys. */
export function sizeRefusal({ table, after }: ItemChange, tables: Tables): EngineReply | undefined {
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
  reply: EngineReply,
  request: { ReturnValuesOnConditionCheckFailure?: string },
  old?: Item,
): EngineReply {
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
  refusalReply(`com.amazon.coral.service#${SIGNATURE_ERRORS[problem]}`, message);
