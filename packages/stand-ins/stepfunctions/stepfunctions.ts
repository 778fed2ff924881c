import type { IncomingMessage } from "node:http";
import { type JsonReply, serveJson } from "../aws/json-service.ts";
import type { AwsStandInOptions } from "../aws/options.ts";
import { SignatureRefused } from "../aws/signature.ts";
import { listen } from "../loopback/listen.ts";
import { readMachine } from "./definition.ts";
import { createOperations, machineArn } from "./operations.ts";
import { AwsRefusal } from "./refusal.ts";
import type { MachineResources } from "./resources.ts";

export type StepFunctionsOptions = AwsStandInOptions &
  MachineResources & {
    /** Definitions by name. One that this engine would run otherwise than AWS is refused at start. */
    machines: Record<string, object>;
    /** Whether a test has shown that they are Amazon States Language, so that a start need not. */
    isKnownValid?: boolean;
    /** In place of every state's own back-off, for tests. */
    retryDelayMs?: number;
  };

/** More than any input with its JSON around it. */
const MAX_REQUEST_BYTES = 1024 * 1024;

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
  isKnownValid = false,
  log,
  retryDelayMs,
  port,
  region = "us-east-1",
  disturb,
  behindProxy,
  accessKeyId,
  secretAccessKey,
  ...resources
}: StepFunctionsOptions) {
  const { operations, stopAll } = createOperations({
    machines: new Map(
      Object.entries(machines).map(([name, definition]) => [name, readMachine(definition, { isKnownValid })]),
    ),
    resources,
    retryDelayMs,
  });

  async function answer({ headers }: IncomingMessage, body: Buffer): Promise<JsonReply> {
    const [service, name = ""] = String(headers["x-amz-target"]).split(".");
    const operation = service === "AWSStepFunctions" && Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) throw new AwsRefusal("UnknownOperationException", `No such operation here: ${name}`);
    return { status: 200, body: JSON.stringify(await operation(JSON.parse(body.toString() || "{}"))) };
  }

  const server = await listen(
    "step functions",
    serveJson({
      rules: { credentials: { accessKeyId, secretAccessKey }, service: "states", region, now: () => new Date() },
      maxBytes: MAX_REQUEST_BYTES,
      contentType: "application/x-amz-json-1.0",
      answer,
      refusal(error) {
        const refused = error instanceof SignatureRefused ? refusedSignature(error) : (error as Error);
        const [status, code] = refused instanceof AwsRefusal ? [400, refused.name] : [500, "InternalFailure"];
        const body = { __type: `com.amazonaws.swf.service.v2.model#${code}`, message: refused.message };
        return { status, body: JSON.stringify(body) };
      },
      note(_, { status, body }) {
        if (status !== 200) log(`refused: ${body}`);
      },
    }),
    { port, log, disturb, behindProxy },
  );

  return {
    url: server.url,
    arn: machineArn,
    /** Stops every execution, waits until their tasks are gone, and closes. */
    async stop(): Promise<void> {
      await stopAll();
      await server.stopNow();
    },
  };
}
