/** Slack's three seconds are measured in test/slack/http.test.ts and by the bench; a machine full of tests may be slow. */
export const PATIENT = { ackMs: 30_000, triggerMs: 30_000 };
