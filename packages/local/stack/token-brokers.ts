import { createReadToken } from "../../../functions/read-token.ts";
import { createWriteToken } from "../../../functions/write-token.ts";
import type { Handler } from "../../config/on-first-call.ts";
import type { Environment, TaskZone } from "../../config/zones.ts";
import { startLambda } from "../../stand-ins/lambda/lambda.ts";

/**
 * With a GitHub App: the function that issues each zone its tokens. Every zone has an endpoint of its own, which knows
 * that one function: what their roles decide on AWS. Without an App there is nothing to issue.
 */
export async function startTokenBrokers({ env, log }: { env: Environment; log: (line: string) => void }) {
  await using starting = new AsyncDisposableStack();
  const start = async (name: string, handler: Handler<unknown>): Promise<Environment> => {
    const endpoint = await startLambda({
      functions: { [name]: handler },
      region: env.AWS_REGION!,
      accessKeyId: env.AWS_ACCESS_KEY_ID!,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY!,
      log,
    });
    starting.defer(() => endpoint.stop());
    return { AWS_ENDPOINT_URL_LAMBDA: endpoint.url, CODY_TOKEN_FUNCTION: name };
  };
  const variables: Record<TaskZone, Environment> = env.GITHUB_APP_ID
    ? {
        work: await start("read-token", createReadToken(env)),
        publish: await start("write-token", createWriteToken(env)),
      }
    : { work: {}, publish: {} };
  const running = starting.move();
  return { variables, stop: () => running.disposeAsync() };
}
