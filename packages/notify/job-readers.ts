import type { WebClient } from "@slack/web-api";
import type { Job } from "../jobs/job.ts";
import { isReadableBy, type JobReaders } from "../jobs/readers.ts";

type Person = { userId: string };

/** Which jobs a person may read. Slack is asked where the members of a channel may read alone. */
export type ReadRights = {
  readers: JobReaders;
  mayRead(job: Job, who: Person): Promise<boolean>;
  /** For a list: asked once for all of it. */
  readable(who: Person): Promise<(of: Pick<Job, "userId" | "channelId">) => boolean>;
};

const KEPT_MS = 60_000;
/** A person who is refused may just have joined the channel. */
const KEPT_FOR_A_NO_MS = 3_000;
const MAX_KEPT = 2_000;
const MAX_PAGES = 20;

/** Channels in which a person is; of private ones those in which the app is too, and it posts in no others. */
async function channelsOf({ users }: { users: Pick<WebClient["users"], "conversations"> }, user: string) {
  const found = new Set<string>();
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const types = "public_channel,private_channel,mpim";
    const page = await users.conversations({ user, types, limit: 999, ...(cursor && { cursor }) });
    for (const { id } of page.channels ?? []) if (id) found.add(id);
    cursor = page.response_metadata?.next_cursor || undefined;
    if (!cursor) break;
  }
  return found;
}

export function createReadRights(deps: {
  readers: JobReaders;
  admins: readonly string[];
  slack: { users: Pick<WebClient["users"], "conversations"> };
  now: () => number;
}): ReadRights {
  const { readers, admins, slack, now } = deps;
  const kept = new Map<string, { channels: Promise<Set<string>>; at: number }>();

  function channels(userId: string, maxAgeMs: number): Promise<Set<string>> {
    const found = kept.get(userId);
    if (found && now() - found.at <= maxAgeMs) return found.channels;
    if (kept.size >= MAX_KEPT) kept.clear();
    const asking = channelsOf(slack, userId);
    kept.set(userId, { channels: asking, at: now() });
    asking.catch(() => kept.delete(userId));
    return asking;
  }

  async function readerOf({ userId }: Person, maxAgeMs = KEPT_MS) {
    const isAdmin = admins.includes(userId);
    const needsChannels = readers === "channel" && !isAdmin;
    return { userId, isAdmin, channels: needsChannels ? await channels(userId, maxAgeMs) : new Set<string>() };
  }

  return {
    readers,
    async mayRead(job, who) {
      const own = { userId: who.userId, isAdmin: admins.includes(who.userId), channels: new Set<string>() };
      if (isReadableBy(job, own, readers)) return true;
      if (readers !== "channel") return false;
      return (
        isReadableBy(job, await readerOf(who), readers) ||
        isReadableBy(job, await readerOf(who, KEPT_FOR_A_NO_MS), readers)
      );
    },
    async readable(who) {
      const reader = await readerOf(who);
      return (job) => isReadableBy(job, reader, readers);
    },
  };
}
