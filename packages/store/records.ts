import { z } from "zod";
import { Conversation, type Prefix, Turn } from "../conversation/conversation.ts";
import { turnsOfConversation } from "../conversation/kept-turns.ts";
import type { RunRef } from "../jobs/execution.ts";
import { Outcome } from "../jobs/outcome.ts";
import { ROUNDS, type Round } from "../jobs/round.ts";
import type { Artifacts } from "./artifacts.ts";
import {
  conversationKey,
  environmentKey,
  outcomeKey,
  patchKey,
  snapshotKey,
  transcriptKey,
  turnKey,
  turnsPrefix,
} from "./keys.ts";

const JSON_TYPE = "application/json";
const PATCH_TYPE = "text/x-patch";
const Paths = z.array(z.string());

/** What a round of a repo run leaves in S3. Everything is put once: a repeat finds what the first attempt wrote. */
export function createRecords(artifacts: Artifacts) {
  /** By key. What was put once never changes, so what this process has put it need not read. */
  const ownTurns = new Map<string, Turn>();

  const readJson = async (key: string) => {
    const bytes = await artifacts.read(key);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  };

  /** The first one written wins. */
  async function putFirst(key: string, bytes: Uint8Array, type: string): Promise<Uint8Array> {
    if ((await artifacts.putOnce(key, bytes, type)) === "stored") return bytes;
    const first = await artifacts.read(key);
    if (!first) throw new Error(`${key} was stored by another attempt and cannot be read back.`);
    return first;
  }

  async function turnsOf(ref: RunRef): Promise<Turn[]> {
    const turns: Turn[] = [];
    for await (const key of artifacts.list(turnsPrefix(ref)))
      turns.push(ownTurns.get(key) ?? Turn.parse(await readJson(key)));
    return turns;
  }

  async function conversation(ref: RunRef): Promise<Conversation | undefined> {
    const stored = await readJson(conversationKey(ref));
    return stored && Conversation.parse(stored);
  }

  return {
    async outcome(ref: RunRef): Promise<Outcome | undefined> {
      const stored = await readJson(outcomeKey(ref));
      return stored && Outcome.parse(stored);
    },

    /** Returns the outcome that counts: the first complete one of this round. */
    async putOutcome(outcome: Outcome): Promise<Outcome> {
      const bytes = await putFirst(outcomeKey(outcome), Buffer.from(JSON.stringify(outcome)), JSON_TYPE);
      return Outcome.parse(JSON.parse(new TextDecoder().decode(bytes)));
    },

    turnsOf,

    /**
     * The turns of an earlier round. They may have expired, the bucket keeps them for a month; the conversation stays.
     */
    async earlierTurnsOf(ref: RunRef): Promise<Turn[]> {
      const [turns, kept] = await Promise.all([turnsOf(ref), conversation(ref)]);
      const all = kept ? turnsOfConversation(kept) : [];
      return turns.length < all.length ? all : turns;
    },

    /** What the requests of a round that has ended began with. */
    async keptPrefix(ref: RunRef): Promise<Prefix | undefined> {
      const kept = await conversation(ref);
      return kept && { system: kept.system, tools: kept.tools };
    },

    hasTurn: async (ref: RunRef, turn: number): Promise<boolean> =>
      (await artifacts.read(turnKey(ref, turn))) !== undefined,

    /** "exists": another attempt has this turn. A lost answer to our own write is told apart by the attempt in it. */
    async putTurn(turn: Turn): Promise<"stored" | "exists"> {
      const key = turnKey(turn, turn.turn);
      if ((await artifacts.putOnce(key, JSON.stringify(turn), JSON_TYPE)) === "stored") {
        ownTurns.set(key, turn);
        return "stored";
      }
      const first = Turn.parse(await readJson(key));
      return first.attempt === turn.attempt ? "stored" : "exists";
    },

    async putSnapshot(turn: Turn, patch: Uint8Array): Promise<string> {
      const key = snapshotKey(turn, turn.turn, turn.attempt);
      await artifacts.putOnce(key, patch, PATCH_TYPE);
      return key;
    },

    async putEnvironment(turn: Turn, paths: Iterable<string>): Promise<string> {
      const key = environmentKey(turn, turn.attempt);
      await artifacts.putOnce(key, JSON.stringify([...paths]), JSON_TYPE);
      return key;
    },

    /** Nothing when it has expired: the next setup finds the same again. */
    readEnvironment: async (key: string): Promise<string[]> => Paths.parse((await readJson(key)) ?? []),

    async putPatch(ref: RunRef, patch: Uint8Array): Promise<{ key: string; patch: Uint8Array }> {
      return { key: patchKey(ref), patch: await putFirst(patchKey(ref), patch, PATCH_TYPE) };
    },

    async readPatch(key: string): Promise<Uint8Array> {
      const patch = await artifacts.read(key);
      if (!patch) throw new Error(`There is no patch at ${key}.`);
      return patch;
    },

    /** A file that came with the request. */
    readAttached: (key: string): Promise<Uint8Array | undefined> => artifacts.read(key),

    conversation,

    async putTranscript(ref: RunRef, page: string): Promise<void> {
      await artifacts.putOnce(transcriptKey(ref), page, "text/html; charset=utf-8");
    },

    /** Returns the conversation that counts: the first one. */
    async putConversation(ref: RunRef, mine: Conversation): Promise<Conversation> {
      if ((await artifacts.putOnce(conversationKey(ref), JSON.stringify(mine), JSON_TYPE)) === "stored") return mine;
      return (await conversation(ref)) ?? mine;
    },
  };
}
export type Records = ReturnType<typeof createRecords>;

/**
 * The rounds whose conversation a round goes on with, oldest first, itself last: a first try and a retry start afresh,
 * a refinement and a raised cost limit continue, unless what was there before is merged (`anew`: since that round). Publish
 * rounds have no turns.
 */
export function conversationRounds(
  rounds: readonly Round[],
  repository: string,
  round: number,
  anew?: number,
): number[] {
  const chain: number[] = [];
  const mine = rounds.filter((one) => one.round <= round && one.repositories.includes(repository));
  for (const { round: number, kind } of mine.toSorted((a, b) => b.round - a.round)) {
    if (!ROUNDS[kind].asksModel) continue;
    chain.unshift(number);
    if (ROUNDS[kind].beginsAnew || number === anew) break;
  }
  return chain;
}
