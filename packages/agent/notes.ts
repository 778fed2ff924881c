import type { Note } from "../conversation/conversation.ts";
import type { LimitName } from "./limits.ts";

/**
 * What the harness says to the model besides tool results. The value is stored with the turn, so that a resumed run
 * knows what was already said without reading it; the words are for the model.
 */
export type HarnessNote = { note: Note; text: string };

const said = (kind: Note["kind"], text: string): HarnessNote => ({ note: { kind }, text });

type Announced = NonNullable<Note["which"]>;

const WHAT: Record<Exclude<LimitName, "stuck">, string> = {
  turns: "turns",
  dollars: "money",
  seconds: "time",
  context: "context window",
};

export const budgetNote = (which: Announced, share: number) =>
  said(
    "budget",
    `Budget note: ${Math.floor(share * 100)}% of what you have is used (${WHAT[which]}). Finish the essential part, then call report_verdict.`,
  );

export const lastTurnNote = (which: Announced): HarnessNote => ({
  note: { kind: "last-turn", which },
  text: `This is your last turn: nothing is left (${WHAT[which]}). Call report_verdict now, for what is done so far; no other call will run.`,
});

export const treeLagsNote = said(
  "tree-lags",
  "The machine was replaced, and your last changes could not be kept: they were more than a patch can hold, or git does not take a path among them. The tree is as it was before them. Look at it (its status, its diff) before you go on.",
);

export const noVerdictNudge = said(
  "no-verdict",
  "You stopped without a verdict. If the task is done, call report_verdict; if not, go on with it.",
);

const CUT_OFF = "Your answer was cut off at the output limit and nothing of it was run.";
export const cutOffNudge = said("cut-off", `${CUT_OFF} Go on in smaller pieces.`);
/** What a call is answered that stood in such an answer. */
export const CUT_OFF_CALL = `This call did not run. ${CUT_OFF}`;

export const repeatedNudge = (times: number) =>
  said(
    "repeated",
    `You made the same calls ${times} times with the same answers. Try something else, or report your verdict.`,
  );

export const errorsNudge = (times: number) =>
  said(
    "errors",
    `All calls of the last ${times} turns failed. Read the messages, check your assumptions, and try another way or report your verdict.`,
  );

export const templateRequest = (path: string) =>
  said(
    "template",
    `pullRequestBody does not follow ${path}. Put what you have to say under the headings that the answer to your report lists, in their order, and call report_verdict again.`,
  );

export const reviewRequest = said(
  "review",
  "Review your change once before it is final: the answer to your report shows the whole of it. Remove scratch files, revert unrelated edits, look for what you forgot. Then call report_verdict again; that one counts.",
);

export const verificationRequest = said(
  "verification-failed",
  "The check failed on your change, see the answer to your report. Put it right if your change caused it, then call report_verdict again; if it failed before your change, say so in the report.",
);
