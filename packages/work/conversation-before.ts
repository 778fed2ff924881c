import type { Prefix, Turn } from "../conversation/conversation.ts";
import type { Records } from "../store/records.ts";
import type { Lease } from "../store/runs.ts";

/** What attempts before this one stored of this round. The first attempt need not look. */
const turnsSoFar = async (lease: Lease, records: Records) => (lease.attempt === 1 ? [] : records.turnsOf(lease));

/** What an attempt goes on from: the turns of its chain of rounds, and what they began with where they do not say it. */
export async function conversationBefore(
  lease: Lease,
  chain: readonly number[],
  records: Records,
): Promise<{ earlierTurns: Turn[]; keptPrefix?: Prefix }> {
  const turnsByRound = await Promise.all(
    chain.map((round) =>
      round === lease.round ? turnsSoFar(lease, records) : records.earlierTurnsOf({ ...lease, round }),
    ),
  );
  const earlierTurns = turnsByRound.flat();
  const [first] = earlierTurns;
  const keptPrefix = first && !first.prefix ? await records.keptPrefix({ ...lease, round: first.round }) : undefined;
  return { earlierTurns, ...(keptPrefix && { keptPrefix }) };
}
