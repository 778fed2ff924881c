/** A sentence for the person who asked: what is wrong and what to do. Shown at the Slack door, never retried. */
export class UserError extends Error {
  override name = "UserError";
}
