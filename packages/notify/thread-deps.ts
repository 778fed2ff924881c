import type { WebClient } from "@slack/web-api";
import type { Card, JobRecord, ReplyKey } from "../jobs/job-record.ts";
import type { SlackHomes } from "./destination.ts";
import type { SlackReader } from "./find-message.ts";
import type { RateLimiter } from "./rate-limiter.ts";

export type ThreadDeps = {
  slack: SlackHomes &
    SlackReader & { agents: { sessions: Pick<WebClient["agents"]["sessions"], "setStatus"> } } & {
      chat: Pick<WebClient["chat"], "getPermalink" | "postMessage" | "update">;
    } & {
      conversations: SlackHomes["conversations"] & SlackReader["conversations"];
    };
  store: {
    readJob(jobId: string): Promise<JobRecord | undefined>;
    claimCard(card: Card): Promise<"claimed" | "exists">;
    updateCard(jobId: string, changes: Partial<Omit<Card, "replies">>): Promise<void>;
    /** `before`: what was shown when the rows were read. "overtaken": another process has shown something since. */
    keepShownCard(
      jobId: string,
      shown: Required<Pick<Card, "hash" | "shownAt">>,
      before: string | undefined,
    ): Promise<"kept" | "overtaken">;
    claimReply(jobId: string, key: ReplyKey, claim: string): Promise<"claimed" | "exists">;
    keepReply(jobId: string, key: ReplyKey, ts: string): Promise<void>;
  };
  rateLimiter: RateLimiter;
  /** Whether the app has agent sessions, in which the thread's state is shown beside its title. */
  mayHaveSessions: () => Promise<boolean>;
  now: () => Date;
  sleep: (ms: number) => Promise<void>;
  log: (line: string) => void;
};
