import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type Credentials, SignatureRefused, sha256, verifySignature } from "../aws/signature.ts";
import type { Disturb } from "../loopback/disturb.ts";
import { createLoopbackServer } from "../loopback/server.ts";
import { readMachine } from "./definition.ts";
import { createOperations, machineArn } from "./operations.ts";
import { AwsRefusal } from "./refusal.ts";
import type { MachineResources } from "./resources.ts";

export type StepFunctionsOptions = MachineResources &
  Credentials & {
    /** Definitions by name. One that this engine would run otherwise than AWS is refused at start. */
    machines: Record<string, object>;
    /** What was refused, one line each. */
    log(line: string): void;
    /** In place of every state's own back-off, for tests. */
    retryDelayMs?: number;
    port?: number;
    region?: string;
    /** What happens to a request on its way, for tests. */
    disturb?: Disturb | undefined;
    behindProxy?: boolean | undefined;
  };

/** https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html */
function refusedSignature({ problem, message }: SignatureRefused): AwsRefusal {
  if (problem === "missing")
    return new AwsRefusal("MissingAuthenticationTokenException", "Missing Authentication Token");
  const name = problem === "unknown-key" ? "UnrecognizedClientException" : "InvalidSignatureException";
  return new AwsRefusal(name, message);
}

/**
 * Step Functions on this machine: its API over aws-local-stepfunctions. Executions live in memory; after a restart
 * every name is free again, so whatever should run is simply started again.
 */
export async function startStepFunctions({
  machines,
  log,
  retryDelayMs,
  port = 0,
  region = "us-east-1",
  disturb,
  behindProxy,
  accessKeyId,
  secretAccessKey,
  ...resources
}: StepFunctionsOptions) {
  const { operations, stopAll } = createOperations({
    machines: new Map(Object.entries(machines).map(([name, definition]) => [name, readMachine(definition)])),
    resources,
    retryDelayMs,
  });

  const rules = { credentials: { accessKeyId, secretAccessKey }, service: "states", region, now: () => new Date() };

  async function answer(request: IncomingMessage): Promise<object> {
    const body = await buffer(request);
    try {
      verifySignature(request, sha256(body), rules);
    } catch (error) {
      throw error instanceof SignatureRefused ? refusedSignature(error) : error;
    }
    const [service, name = ""] = String(request.headers["x-amz-target"]).split(".");
    const operation = service === "AWSStepFunctions" && Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) throw new AwsRefusal("UnknownOperationException", `No such operation here: ${name}`);
    return operation(JSON.parse(body.toString() || "{}"));
  }

  const server = createLoopbackServer(
    async (request, response) => {
      const send = (status: number, body: object) =>
        response
          .writeHead(status, { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": randomUUID() })
          .end(JSON.stringify(body));
      try {
        send(200, await answer(request));
      } catch (error) {
        const { name, message } = error as Error;
        log(`refused: ${name}: ${message}`);
        const [status, code] = error instanceof AwsRefusal ? [400, name] : [500, "InternalFailure"];
        send(status, { __type: `com.amazonaws.swf.service.v2.model#${code}`, message });
      }
    },
    { log, disturb, behindProxy },
  );
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
