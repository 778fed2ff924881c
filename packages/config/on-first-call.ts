import type { Environment } from "./zones.ts";

export type Handler<Answer> = (event: unknown) => Promise<Answer>;

/**
 * A Lambda handler that is built from the environment when the first event arrives: importing a function needs no
 * variable, and a function that is not configured says so in every answer instead of failing to load.
 */
export function onFirstCall<Answer>(create: (environment: Environment) => Handler<Answer>): Handler<Answer> {
  let handler: Handler<Answer> | undefined;
  return async (event) => {
    handler ??= create(process.env);
    return handler(event);
  };
}
