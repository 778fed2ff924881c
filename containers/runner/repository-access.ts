import { type RunRef, TokenAnswer } from "../../packages/jobs/execution.ts";
import type { Reason } from "../../packages/jobs/reasons.ts";

/** `login`: who acts with the token, where that is known. Without a token, why. */
export type RepositoryAccess = { token: string; login?: string | undefined; refused?: Reason };

/**
 * The GitHub token of this task. With a GitHub App a function issues one that opens this repository alone and lives for
 * an hour: a task clones, or publishes, within its first minutes, and a later attempt is another task with a new token.
 */
export async function repositoryAccess(
  ref: RunRef,
  { token, tokenFunction }: { token: string | undefined; tokenFunction: string | undefined },
): Promise<RepositoryAccess> {
  if (!tokenFunction) return { token: token ?? "" };
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  const answer = await new LambdaClient().send(
    new InvokeCommand({ FunctionName: tokenFunction, Payload: JSON.stringify(ref) }),
  );
  const said: unknown = JSON.parse(answer.Payload?.transformToString() || "null");
  if (answer.FunctionError) {
    const { errorType = "", errorMessage = "" } = (said ?? {}) as { errorType?: string; errorMessage?: string };
    throw new Error(`No GitHub token could be asked for: ${answer.FunctionError} ${errorType} ${errorMessage}`);
  }
  const issued = TokenAnswer.parse(said);
  return issued.ok ? { token: issued.token, login: issued.login } : { token: "", refused: issued.reason };
}
