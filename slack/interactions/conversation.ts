import { Conversation, Turn } from "../../packages/conversation/conversation.ts";
import { type Exchange, exchangeOf, exchangesOf } from "../../packages/conversation/exchanges.ts";
import { UserError } from "../../packages/jobs/errors.ts";
import type { RunRef } from "../../packages/jobs/execution.ts";
import { conversationKey, turnsPrefix } from "../../packages/store/keys.ts";
import { CONVERSATION_PAGE, type ConversationPage, pageStart } from "../../packages/views/history/conversation-view.ts";
import type { ConversationPlace } from "../../packages/views/history/places.ts";
import { roundsWithTurns } from "../../packages/views/history/run-buttons.ts";
import { readOwnJob } from "../access.ts";
import type { SlackDeps, Who } from "../deps.ts";
import type { HistoryArtifacts } from "../history-deps.ts";

const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** A turn number that fits a round of so many turns, at the start of its page. */
const within = (place: ConversationPlace, total: number) =>
  pageStart(Math.min(place.turn, Math.max(1, total)), place.style);

/**
 * Reads the turns of the page and the one behind it, which holds the answers of the last tools: a conversation of 2,000
 * turns costs a list of keys and a handful of small objects. Their names come from the list, because a round that runs
 * has more turns than its row knows.
 */
async function readTurns(artifacts: HistoryArtifacts, place: ConversationPlace) {
  const keys: string[] = [];
  for await (const key of artifacts.list(turnsPrefix(place))) keys.push(key);
  const turn = within(place, keys.length);
  const wanted = keys.slice(turn - 1, turn + CONVERSATION_PAGE[place.style]);
  const turns = await Promise.all(
    wanted.map(async (key): Promise<Exchange[]> => {
      const bytes = await artifacts.read(key);
      return bytes ? [exchangeOf(Turn.parse(parse(bytes)))] : [];
    }),
  );
  return { turn, total: keys.length, turns: turns.flat() };
}

/** Turns are scratch and go after a month; the conversation of a round that has ended stays. */
async function readStored(artifacts: HistoryArtifacts, ref: RunRef): Promise<Exchange[]> {
  for await (const key of artifacts.list(conversationKey(ref))) {
    const bytes = await artifacts.read(key);
    return bytes ? exchangesOf(Conversation.parse(parse(bytes))) : [];
  }
  return [];
}

export async function readConversation(deps: SlackDeps, who: Who, place: ConversationPlace): Promise<ConversationPage> {
  const record = await readOwnJob(deps, place.jobId, who);
  const run = record.runs.find(({ repository }) => repository === place.repository);
  if (!run) throw new UserError(`Job ${place.jobId} has not looked at ${place.repository} yet.`);
  const shared = { rounds: roundsWithTurns(record, place.repository), scripted: run.scripted };
  const { turn, total, turns } = await readTurns(deps.artifacts, place);
  if (total > 0) return { ...shared, place: { ...place, turn }, total, turns };

  const stored = await readStored(deps.artifacts, place);
  const first = within(place, stored.length);
  return {
    ...shared,
    place: { ...place, turn: first },
    total: stored.length,
    turns: stored.slice(first - 1, first + CONVERSATION_PAGE[place.style]),
  };
}
