import type { WebClient } from "@slack/web-api";
import type { Card, JobRecord, ReplyKey } from "../jobs/job-record.ts";
import type { SlackHomes } from "./destination.ts";
import type { SlackReader } from "./find-message.ts";
import type { MessageRows } from "./message-rows.ts";
import type { RateLimiter } from "./rate-limiter.ts";

export type ThreadDeps = {
  slack: SlackHomes &
    SlackReader & { agents: { sessions: Pick<WebClient["agents"]["sessions"], "setStatus"> } } & {
      chat: Pick<WebClient["chat"], "delete" | "getPermalink" | "postMessage" | "update">;
    } & {
      conversations: SlackHomes["conversations"] & SlackReader["conversations"];
    };
  store: {
    readJob(jobId: string): Promise<JobRecord | undefined>;
    cards: MessageRows;
    updateCard(jobId: string, changes: Pick<Card, "session">): Promise<void>;
    /** `before`: the claim in whose place this one comes. */
    claimReply(jobId: string, key: ReplyKey, claim: string, before?: string): Promise<"claimed" | "exists">;
    keepReply(jobId: string, key: ReplyKey, ts: string): Promise<"kept" | "overtaken">;
  };
  rateLimiter: RateLimiter;
  /** Whether the app has agent sessions, in which the thread's state is shown beside its title. */
  mayHaveSessions: () => Promise<boolean>;
  now: () => Date;
  sleep: (ms: number) => Promise<void>;
  log: (line: string) => void;
};
