import { type AwsConfig, awsOptions } from "../config/aws-options.ts";

type WakeConfig = AwsConfig & {
  CODY_CHANGE_SET_FUNCTION?: string | undefined;
  AWS_ENDPOINT_URL_LAMBDA?: string | undefined;
};

/** Starts the function of Publish's zone and waits for nothing of it; it finds by itself what is due. On one machine it has a timer. */
export async function wakeChangeSet(config: WakeConfig): Promise<void> {
  const { CODY_CHANGE_SET_FUNCTION: name } = config;
  if (name === undefined) return;
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  const lambda = new LambdaClient(awsOptions(config, config.AWS_ENDPOINT_URL_LAMBDA));
  await lambda.send(new InvokeCommand({ FunctionName: name, InvocationType: "Event" }));
}
