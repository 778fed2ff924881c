import type { z } from "zod";
import { MessageRow } from "../jobs/message-row.ts";
import type { Row, RowKey } from "./rows.ts";
import { type Condition, EXISTS, type Writes, type Written } from "./writes.ts";

const Claim = MessageRow.pick({ channelId: true, claimedAt: true });
const Renewal = Claim.partial({ channelId: true });
const Posted = MessageRow.pick({ channelId: true, ts: true, hash: true, shownAt: true }).required({ ts: true });
const Shown = MessageRow.pick({ hash: true, shownAt: true }).required();

/** The rows of one kind of message. `ownOf`: what such a row holds besides, from its beginning. */
type Kind = { writes: Writes; keyOf: (id: string) => RowKey; ownOf: (id: string) => Row };

/**
 * What keeps a message from being posted twice, and an older state from being taken for the newest one. Each write says
 * what it goes by, so of two processes one has it.
 */
export const createMessageRows = ({ writes, keyOf, ownOf }: Kind) => {
  const update = async (id: string, set: Row, condition: Condition): Promise<Written> => {
    const result = await writes.update(keyOf(id), { set }, condition);
    if (!result.written && !result.found) throw new Error(`There is no row ${keyOf(id).pk} / ${keyOf(id).sk}.`);
    return result;
  };
  return {
    /** Who claims it posts it. */
    async claim(id: string, claim: z.infer<typeof Claim>): Promise<"claimed" | "exists"> {
      const { written } = await writes.putIfAbsent({ ...keyOf(id), ...ownOf(id), ...Claim.parse(claim) });
      return written ? "claimed" : "exists";
    },

    /**
     * `before`: the claim as it was read, ours or that of a process that died. "lost": another process has it, or the
     * message is there.
     */
    async renew(id: string, before: string, claim: z.infer<typeof Renewal>): Promise<"renewed" | "lost"> {
      const asRead = { expression: "#claimedAt = :before AND attribute_not_exists(#ts)", values: { before } };
      return (await update(id, Renewal.parse(claim), asRead)).written ? "renewed" : "lost";
    },

    /** Where it was posted, and what it shows if that is known. "overtaken": another one was kept before. */
    async keepPosted(id: string, posted: z.infer<typeof Posted>): Promise<"kept" | "overtaken"> {
      const isFirst = { expression: "attribute_exists(#pk) AND attribute_not_exists(#ts)" };
      const result = await update(id, Posted.parse(posted), isFirst);
      return result.written || result.found?.ts === posted.ts ? "kept" : "overtaken";
    },

    /** `before`: the hash of what was shown. "overtaken": another process has shown something since. */
    async keepShown(
      id: string,
      shown: z.infer<typeof Shown>,
      before: string | undefined,
    ): Promise<"kept" | "overtaken"> {
      const asBefore =
        before === undefined
          ? { expression: "attribute_exists(#pk) AND attribute_not_exists(#hash)" }
          : { expression: "#hash = :before", values: { before } };
      return (await update(id, Shown.parse(shown), asBefore)).written ? "kept" : "overtaken";
    },

    async keepLink(id: string, permalink: string): Promise<void> {
      await update(id, MessageRow.pick({ permalink: true }).parse({ permalink }), EXISTS);
    },
  };
};
