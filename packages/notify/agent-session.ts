import type { WebClient } from "@slack/web-api";
import type { JobRecord, Session } from "../jobs/job-record.ts";
import { sessionOf } from "../jobs/session.ts";
import { clip } from "../text/cut.ts";
import { titleOf } from "../views/heading.ts";
import { readRows, type ShownCard } from "./card-message.ts";
import { PASSING, refusedForMs, slackErrorOf } from "./client.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** Slack gives it to apps that are declared as agents: https://docs.slack.dev/ai/agent-sessions. */
const SCOPE = "assistant:write";
const MAX_TITLE = 200;
const MAX_WAIT_MS = 10_000;

/** Whether the app may have agent sessions, by the scopes of its token; asked once, and again where Slack gave no answer. */
export function createSessionRight({ auth }: { auth: Pick<WebClient["auth"], "test"> }): () => Promise<boolean> {
  let known: boolean | undefined;
  return async () => {
    if (known !== undefined) return known;
    try {
      const { response_metadata } = await auth.test();
      known = response_metadata?.scopes?.includes(SCOPE) ?? false;
    } catch {
      return false;
    }
    return known;
  };
}

/**
 * Tells Slack how the session of the job's thread stands, where that has changed. The card says the same: what Slack
 * refuses is written to the log and not asked again. It throws where Slack cannot be reached and no change is to come
 * that would tell it, so that no thread seems to work for ever.
 */
export async function showSession(deps: ThreadDeps, record: JobRecord, card: ShownCard): Promise<void> {
  if (!(await deps.mayHaveSessions())) return;
  let rows = record;
  for (let session = sessionOf(rows); session !== rows.card?.session; session = sessionOf(rows)) {
    if (!(await isTold(deps, rows, card, session))) return;
    await deps.store.updateCard(card.jobId, { session });
    // Another process may have told an older one meanwhile: the rows decide again.
    rows = await readRows(deps, card.jobId);
  }
}

async function isTold(deps: ThreadDeps, { job }: JobRecord, card: ShownCard, session: Session): Promise<boolean> {
  const tell = () =>
    deps.slack.agents.sessions.setStatus({
      channel_id: card.channelId,
      thread_ts: card.ts,
      status: session,
      title: clip(titleOf(job.prompt), MAX_TITLE),
      initiator_user_id: job.userId,
    });
  try {
    await tell().catch(async (error) => {
      const forMs = refusedForMs(error);
      if (forMs === undefined || forMs > MAX_WAIT_MS) throw error;
      await deps.sleep(forMs);
      return tell();
    });
    return true;
  } catch (error) {
    const refusal = slackErrorOf(error);
    deps.log(`${job.jobId}: its session is not shown as ${session}: ${refusal ?? error}`);
    if (refusal !== undefined && !PASSING.includes(refusal)) return true;
    if (session !== "processing") throw error;
    return false;
  }
}
