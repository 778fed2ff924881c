import type { IncomingMessage } from "node:http";
import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { illFormedAt } from "../../text/well-formed.ts";
import { lockFolder } from "../aws/folder-lock.ts";
import { type JsonReply, serveJson, TooLarge } from "../aws/json-service.ts";
import type { AwsStandInOptions, OnDisk } from "../aws/options.ts";
import { createSerial } from "../aws/serial.ts";
import { SignatureRefused } from "../aws/signature.ts";
import { listen } from "../loopback/listen.ts";
import { startEngine } from "./engine.ts";
import { openTableJournal, type Stream } from "./journal.ts";
import { refusalReply, signatureRefusal, unavailable } from "./refusals.ts";
import { createTables } from "./tables.ts";
import { createWriter, type WriteRequest } from "./writer.ts";

export type DynamoOptions = AwsStandInOptions & OnDisk & { tables: CreateTableCommandInput[] };

export type Dynamo = { url: string; stream: Stream; stop(): Promise<void> };

const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
const READS = ["GetItem", "BatchGetItem", "Query", "Scan", "DescribeTable", "ListTables"];
/** What Cody uses, and its roles may do: single-item writes. Tables are the stack's, here the `tables` option. */
const WRITES = ["PutItem", "UpdateItem", "DeleteItem"];
/** Conditions that fail are everyday answers, not refusals worth a line. */
const EVERYDAY = "ConditionalCheckFailedException";

/**
 * DynamoDB's API on loopback: dynalite in memory for what requests mean, a journal on disk for what was written.
 * Requests run one after the other, so that no request reads a write that a kill could still undo.
 */
export async function startDynamo(options: DynamoOptions): Promise<Dynamo> {
  const { folder, region = "us-east-1", now = () => new Date(), log } = options;
  await using opening = new AsyncDisposableStack();
  opening.adopt(lockFolder(folder), (lock) => lock.release());
  const journal = opening.adopt(await openTableJournal({ folder, region, now }), (journal) => journal.close());
  const engine = await startEngine(options.tables);
  await engine.fill(journal.items.all());
  const write = createWriter({ engine, journal, tables: createTables(options.tables), log });
  const oneAtATime = createSerial();

  async function answer({ headers, method }: IncomingMessage, body: Buffer): Promise<JsonReply> {
    const [api, operation = ""] = String(headers["x-amz-target"]).split(".");
    if (api !== "DynamoDB_20120810" || method !== "POST")
      return refusalReply("com.amazon.coral.service#UnknownOperationException", "");
    const input = parse(body);
    if (!input) return refusalReply("com.amazon.coral.service#SerializationException", "");
    if (READS.includes(operation)) return oneAtATime(() => engine.call(operation, input));
    if (WRITES.includes(operation)) return oneAtATime(() => write(operation, input));
    return refusalReply(
      "com.amazon.coral.service#AccessDeniedException",
      `User is not authorized to perform: dynamodb:${operation}`,
    );
  }

  const server = await listen(
    "dynamodb",
    serveJson({
      rules: { credentials: options, service: "dynamodb", region, now },
      maxBytes: MAX_REQUEST_BYTES,
      contentType: "application/x-amz-json-1.0",
      answer,
      refusal: (error) => {
        if (error instanceof SignatureRefused) return signatureRefusal(error);
        if (error instanceof TooLarge)
          return refusalReply("com.amazon.coral.service#RequestTooLargeException", "", 413);
        return unavailable(String(error));
      },
      note({ headers }, { status, body }) {
        if (status !== 200 && !body.includes(EVERYDAY))
          log(`dynamodb: refused ${String(headers["x-amz-target"])}: ${body}`);
      },
    }),
    options,
  );

  opening.adopt(server, (server) => server.stop());
  const running = opening.move();
  return { url: server.url, stream: journal.stream, stop: () => running.disposeAsync() };
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** undefined: no JSON in UTF-8, or half of a character in it. */
function parse(body: Buffer): WriteRequest | undefined {
  try {
    const input = JSON.parse(UTF8.decode(body));
    return illFormedAt(input) === undefined ? input : undefined;
  } catch {
    return undefined;
  }
}
