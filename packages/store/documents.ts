import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { wellFormed } from "../text/well-formed.ts";

/**
 * The client for every entry point. Region, credentials and a stand-in's endpoint come from the SDK's own variables.
 */
export function openDocuments(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(config), {
    marshallOptions: { removeUndefinedValues: true },
  });
  documents.middlewareStack.add((next) => (args) => next({ ...args, input: wellFormed(args.input) }), {
    step: "initialize",
    name: "wellFormedText",
  });
  return documents;
}
