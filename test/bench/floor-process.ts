/** Run by floor.ts. Argument: how many turns. Prints the CPU milliseconds of this process. */
import { randomUUID } from "node:crypto";
import Anthropic from "@anthropic-ai/sdk";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";

const [turns = "1"] = process.argv.slice(2);
const { CODY_TABLE: TableName, CODY_BUCKET: Bucket } = process.env;
const Key = { pk: `FLOOR#${randomUUID()}`, sk: "ROW" };
const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
const s3 = new S3Client();
const claude = new Anthropic();
const prompt = `[bench turns=${turns}] A bare program asks, and works on no answer.`;
const text = "A line of a file as people write it, of some length.\n".repeat(80);

for (let turn = 0; turn < Number(turns); turn++) {
  await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
  await documents.send(new PutCommand({ TableName, Item: { ...Key, turn } }));
  const messages = [{ role: "user" as const, content: `${prompt} ${text}` }];
  await claude.messages.stream({ model: "claude-sonnet-5-5", max_tokens: 1_000, messages }).finalMessage();
  await s3.send(new PutObjectCommand({ Bucket, Key: `floor/${Key.pk}/${turn}`, Body: text }));
}
const { user, system } = process.cpuUsage();
console.log((user + system) / 1_000);
