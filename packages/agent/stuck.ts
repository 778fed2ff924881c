import { commandEndOf } from "../conversation/command-end.ts";
import type { CommandEnd, ContentBlock, Note, Turn } from "../conversation/conversation.ts";
import { callsOf, resultsIn } from "./history.ts";
import { errorsNudge, type HarnessNote, repeatedNudge } from "./notes.ts";

const NUDGE_AT_REPEATS = 4;
const STOP_AT_REPEATS = 6;
const NUDGE_AT_ERRORS = 3;
const STOP_AT_ERRORS = 6;
/** A circle may be this many turns long: read, edit that fails, read again. */
const LONGEST_CIRCLE = 3;

export type Stuck = { kind: "no" } | { kind: "nudge"; nudge: HarnessNote } | { kind: "stop" };

/** How commands ended, by the id of their call. */
export type Commands = NonNullable<Turn["commands"]>;
/** The answers to a turn's calls. */
type Answers = { results: readonly ContentBlock[]; commands?: Commands | undefined };

/**
 * Looks at the newest turns of a round; `answers` belong to the calls of the last one. Turns are counted, never calls:
 * ten calls at once are one try. The same calls with other answers, or with an edit in between, are no repetition. The
 * run is stopped only when a nudge went before. Pure.
 */
export function stuckness(round: readonly Turn[], answers: Answers): Stuck {
  const newest = round.slice(-STOP_AT_REPEATS * LONGEST_CIRCLE - 1);
  const tries = newest.map((turn, i) => tryOf(turn, newest[i + 1] ? answersIn(newest[i + 1]!) : answers));
  const errors = tries.length - 1 - tries.findLastIndex(({ failed }) => !failed);
  const circles = [1, 2, 3].map((length) => ({ length, times: timesAround(tries, length) }));
  const circle = circles.reduce((a, b) => (b.times > a.times ? b : a));
  const wasNudged = (kind: Note["kind"], turns: number) =>
    newest.slice(-turns).some(({ notes }) => notes?.some((note) => note.kind === kind));

  const inErrors = errors >= NUDGE_AT_ERRORS && wasNudged("errors", errors);
  const inCircle = circle.times >= NUDGE_AT_REPEATS && wasNudged("repeated", circle.times * circle.length);
  if ((inErrors && errors >= STOP_AT_ERRORS) || (inCircle && circle.times >= STOP_AT_REPEATS)) return { kind: "stop" };
  if (circle.times >= NUDGE_AT_REPEATS && !inCircle) return { kind: "nudge", nudge: repeatedNudge(circle.times) };
  if (errors >= NUDGE_AT_ERRORS && !inErrors) return { kind: "nudge", nudge: errorsNudge(errors) };
  return { kind: "no" };
}

const answersIn = ({ sent, commands }: Turn): Answers => ({ results: resultsIn(sent), commands });

type Try = { calls: string; answers: readonly string[]; failed: boolean };

function tryOf(turn: Turn, { results, commands }: Answers): Try {
  const calls = callsOf(turn);
  return {
    calls: calls.length > 0 ? JSON.stringify(calls.map(({ name, input }) => [name, input])) : "",
    answers: results.map((result) => answerWithoutTime(result, commandEndOf(commands, result.tool_use_id))),
    failed: results.length > 0 && results.every(({ is_error }) => is_error === true),
  };
}

/** A turn without a call is no try: it never equals another one. The same calls have as many answers. */
const areAlike = (a: Try, b: Try) =>
  a.calls !== "" && a.calls === b.calls && a.answers.every((answer, i) => answer === b.answers[i]);

/** The same command takes another time at each try: in place of the line that says it, how it ended. */
function answerWithoutTime({ content }: ContentBlock, command: CommandEnd | undefined): string {
  const text = String(content);
  if (!command) return text;
  const { exitCode, timedOut, notRun = false } = command;
  return JSON.stringify([exitCode, timedOut, notRun, text.slice(text.indexOf("\n") + 1)]);
}

/** How often the newest `length` turns have been gone through, one after the other. */
function timesAround(tries: readonly Try[], length: number): number {
  let same = 0;
  for (let i = tries.length - 1; i >= length; i--) {
    if (!areAlike(tries[i]!, tries[i - length]!)) break;
    same++;
  }
  return Math.floor(same / length) + 1;
}
