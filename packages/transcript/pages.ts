import type { Turn } from "../jobs/conversation.ts";
import { visible, withoutTerminalCodes } from "./hidden-characters.ts";
import { type Step, stepsOf } from "./steps.ts";
import { type TurnDetail, turnDetail } from "./turn-detail.ts";
import { recordOf } from "./turn-record.ts";
import { clip, headAndTail } from "./words.ts";

export type Page = {
  /** From 1. */
  page: number;
  pages: number;
  firstTurn: number;
  lastTurn: number;
  /** The turns to read: the page's own, and the one behind it for the answers to its last calls. */
  load: number[];
};

export type TextLimits = { maxChars: number };

/** Which turns a page of a conversation shows, without reading any. A page that does not exist becomes the nearest. */
export function pageOf(turns: number, wanted: number, turnsPerPage: number): Page {
  const pages = Math.max(1, Math.ceil(turns / turnsPerPage));
  const page = Math.min(Math.max(1, Math.trunc(wanted) || 1), pages);
  const firstTurn = (page - 1) * turnsPerPage + 1;
  const lastTurn = Math.min(page * turnsPerPage, turns);
  const load = Array.from(
    { length: Math.max(0, Math.min(lastTurn + 1, turns) - firstTurn + 1) },
    (_, i) => firstTurn + i,
  );
  return { page, pages, firstTurn, lastTurn, load };
}

/** The page on which a turn stands. */
export const pageWithTurn = (turn: number, turnsPerPage: number) => Math.max(1, Math.ceil(turn / turnsPerPage));

/** The story of a page: plain text, hidden characters spelled out, nothing escaped for Slack yet. */
export function simplifiedPage(page: Page, turns: readonly Turn[], { maxChars }: TextLimits): Step[] {
  const line = (text: string) => clip(plain(text), maxChars);
  const { shown, next } = recordsFor(page, turns);
  return stepsOf(shown, next).map((step) => ({
    ...step,
    why: line(step.why),
    actions: step.actions.map((action) => ({
      ...action,
      words: line(action.words),
      ...(action.path !== undefined && { path: line(action.path) }),
    })),
  }));
}

/** Every call and result of a page, each text cut in its middle beyond `maxChars`. */
export function technicalPage(page: Page, turns: readonly Turn[], { maxChars }: TextLimits): TurnDetail[] {
  const { shown, next } = recordsFor(page, turns);
  return shown.map((record, i) =>
    turnDetail(record, shown[i + 1] ?? next, (text) => headAndTail(plain(text), maxChars)),
  );
}

function recordsFor({ firstTurn, lastTurn }: Page, turns: readonly Turn[]) {
  const records = turns.toSorted((a, b) => a.turn - b.turn).map(recordOf);
  return {
    shown: records.filter(({ turn }) => turn >= firstTurn && turn <= lastTurn),
    next: records.find(({ turn }) => turn === lastTurn + 1),
  };
}

const plain = (text: string) => visible(withoutTerminalCodes(text));
