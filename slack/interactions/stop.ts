import type { App } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import { sessionOf } from "../../packages/jobs/session.ts";
import { jobOfThread } from "../card-of-thread.ts";
import type { SlackDeps } from "../deps.ts";
import { messageFor, whoOf } from "../listen.ts";
import { cancel } from "./cancel.ts";
import { isRepeated } from "./offered.ts";

/** Slack's own stop button below a card, where the app has agent sessions: the same as "Cancel all". */
export function listenToStop(app: App, deps: SlackDeps): void {
  app.event("agent_session_stopped", async ({ event, client, context }) => {
    if (isRepeated(event, context)) return;
    const { channel, thread_ts: ts, user } = event;
    const jobId = await jobOfThread(client, { channelId: channel, ts }, context.botUserId);
    if (!jobId) return;
    try {
      await cancel(deps, whoOf({ ...context, userId: user }), { jobId });
    } catch (error) {
      await client.chat.postEphemeral({ channel, user, thread_ts: ts, text: messageFor(error) });
      if (!(error instanceof UserError)) throw error;
      // Slack leaves the status to us: where nothing runs, its button must not stay.
      const record = await deps.store.readJob(jobId);
      const session = record && sessionOf(record);
      if (session && session !== "processing")
        await client.agents.sessions.setStatus({ channel_id: channel, thread_ts: ts, status: session });
    }
  });
}
