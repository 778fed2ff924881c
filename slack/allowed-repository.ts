import { isAllowed } from "../packages/config/patterns.ts";

/** Why the deployment keeps Cody away from a repository; undefined: it does not. */
export const notAllowed = (patterns: Parameters<typeof isAllowed>[0], name: string): string | undefined =>
  isAllowed(patterns, name) ? undefined : `${name} is not among the repositories that Cody may use here.`;
