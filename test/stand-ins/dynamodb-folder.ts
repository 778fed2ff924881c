import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type DynamoOptions, startDynamo } from "../../packages/stand-ins/dynamodb/dynamo.ts";
import type { Stream } from "../../packages/stand-ins/dynamodb/journal.ts";
import { openDocuments } from "../../packages/store/documents.ts";
import { tableDefinition } from "../../packages/store/table.ts";

export const TABLE = "cody";
export const CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local-secret" };
export const connect = (url: string, config = {}) =>
  openDocuments({ endpoint: url, region: "us-east-1", credentials: CREDENTIALS, ...config });

/** A folder of its own that is removed at the end of the scope. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), "cody-dynamodb-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

export async function startIn(folder: string, options: Partial<DynamoOptions> = {}) {
  const logged: string[] = [];
  const tables = [tableDefinition(TABLE)];
  const log = (line: string) => void logged.push(line);
  const dynamo = await startDynamo({ folder, tables, log, ...CREDENTIALS, ...options });
  const documents = connect(dynamo.url);
  const stop = async () => {
    documents.destroy();
    await dynamo.stop();
  };
  return { ...dynamo, documents, logged, stop, [Symbol.asyncDispose]: stop };
}

/** In a process of its own; `limits` are options of the shell's ulimit. */
export async function startProcess(folder: string, limits = "") {
  const program = join(import.meta.dirname, "dynamodb-process.ts");
  const command = `${limits && `ulimit ${limits};`} exec "$0" "$1" "$2"`;
  const child: ChildProcess = spawn("bash", ["-c", command, process.execPath, program, folder], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const errors: string[] = [];
  child.stderr!.on("data", (chunk) => errors.push(String(chunk)));
  const ended = once(child, "exit") as Promise<[number | null]>;
  const url = await Promise.race([
    once(createInterface(child.stdout!), "line").then(([line]) => String(line)),
    ended.then(([code]) => Promise.reject(new Error(`exit ${code}: ${errors.join("")}`))),
  ]);
  return {
    url,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

export async function allRecords(stream: Stream) {
  const records = await stream.read("", 1_000_000);
  return records.map(({ eventName, dynamodb }) => ({ eventName, ...dynamodb }));
}
