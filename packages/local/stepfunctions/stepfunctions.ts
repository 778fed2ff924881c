import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { readMachine } from "./definition.ts";
import { createOperations, machineArn } from "./operations.ts";
import { Refusal } from "./refusal.ts";
import type { Resources } from "./resources.ts";

export type StepFunctionsOptions = Resources & {
  /** Definitions by name. One that this engine would run otherwise than AWS is refused at start. */
  machines: Record<string, object>;
  /** What was refused, one line each. */
  log(line: string): void;
  /** In place of every state's own back-off, for tests. */
  retryDelayMs?: number;
  port?: number;
};

/**
 * Step Functions on this machine: its API over aws-local-stepfunctions. Executions live in memory; after a restart
 * every name is free again, so whatever should run is simply started again.
 */
export async function startStepFunctions({
  machines,
  log,
  retryDelayMs,
  port = 0,
  ...resources
}: StepFunctionsOptions) {
  const { operations, stopAll } = createOperations({
    machines: new Map(Object.entries(machines).map(([name, definition]) => [name, readMachine(definition)])),
    resources,
    retryDelayMs,
  });

  async function answer(request: IncomingMessage): Promise<object> {
    const body = await text(request);
    if (!/^AWS4-HMAC-SHA256 Credential=/.test(request.headers.authorization ?? ""))
      throw new Refusal("MissingAuthenticationTokenException", "Missing Authentication Token");
    const [service, name = ""] = String(request.headers["x-amz-target"]).split(".");
    const operation = service === "AWSStepFunctions" && Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) throw new Refusal("UnknownOperationException", `No such operation here: ${name}`);
    return operation(JSON.parse(body || "{}"));
  }

  const server = createServer(async (request, response) => {
    const send = (status: number, body: object) =>
      response
        .writeHead(status, { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": randomUUID() })
        .end(JSON.stringify(body));
    try {
      send(200, await answer(request));
    } catch (error) {
      const { name, message } = error as Error;
      log(`refused: ${name}: ${message}`);
      const [status, code] = error instanceof Refusal ? [400, name] : [500, "InternalFailure"];
      send(status, { __type: `com.amazonaws.swf.service.v2.model#${code}`, message });
    }
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arn: machineArn,
    /** Stops every execution, waits until their tasks are gone, and closes. */
    async stop(): Promise<void> {
      await stopAll();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
