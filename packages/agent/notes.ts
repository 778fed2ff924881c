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

/** What the answer to a report shows, and whether its author can confirm it with a word. */
export type AnsweredReport = {
  check: "none" | "passed" | "failed" | "failed-before";
  template?: string;
  mayConfirm: boolean;
};

const TO_CONFIRM =
  "If your report stands as it is, call report_verdict with the outcome confirmed and nothing else; after a change, or for better words, report in full.";
const TO_REPEAT = "Then call report_verdict again; that one counts.";
const PUT_RIGHT =
  "The check failed on your change. Put that right if your change caused it; if it did not, say so in the report.";

/** Once a round, at the first report of a change. */
export const reviewRequest = ({ check, template, mayConfirm }: AnsweredReport) =>
  said(
    "review",
    [
      "Look over your change once before it is final: the answer to your report shows it. Remove scratch files, revert unrelated edits, look for what you forgot.",
      ...(check === "failed" ? [PUT_RIGHT] : []),
      ...(check === "failed-before"
        ? ["The check fails as it did before your change, which is not held against it: say so in the report."]
        : []),
      ...(template === undefined
        ? [mayConfirm ? TO_CONFIRM : TO_REPEAT]
        : [
            `pullRequestBody does not follow ${template}: put what you have to say under the headings that the answer lists, in their order, and report in full.`,
          ]),
    ].join(" "),
  );

export const repairRequest = (mayConfirm: boolean) =>
  said("verification-failed", `${PUT_RIGHT} ${mayConfirm ? TO_CONFIRM : TO_REPEAT}`);
