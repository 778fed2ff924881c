import { clip } from "../../text/cut.ts";
import type { Reply } from "./brain.ts";
import { SCRIPTED } from "./brain.ts";

export type Report = {
  outcome: "changed" | "not-needed" | "blocked";
  /** What is missing, when blocked. */
  missing?: string;
  summary: string;
  evidence: { path: string; note: string }[];
  title?: string;
  body?: string;
};

/** The last call of a task. Its words are shown to people, so they say whose they are. */
export function verdictCall({ outcome, missing = "", summary, evidence, title = "", body = "" }: Report): Reply {
  return {
    thinking: `${SCRIPTED} The script is at its end: report.`,
    text: summary,
    calls: [
      {
        name: "report_verdict",
        input: {
          outcome,
          missing: clip(missing, 1_000),
          summary: clip(`${SCRIPTED} ${summary}`, 3_000),
          evidence: evidence.slice(0, 20).map(({ path, note }) => ({ path, note: clip(note, 1_000) })),
          pullRequestTitle: clip(title, 200),
          pullRequestBody:
            body && `_${SCRIPTED} This text and the change were made by a script, not by a model._\n\n${body}`,
        },
      },
    ],
  };
}
