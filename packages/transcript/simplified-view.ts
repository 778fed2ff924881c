import type { Action, ActionOf } from "../conversation/calls.ts";
import type { Conversation } from "../conversation/conversation.ts";
import type { PatchFile } from "../diff/patch-files.ts";
import { type CommandResult, commandEndWords, kindOfVerdict, type Outcome, VERDICT_WORDS } from "../jobs/outcome.ts";
import { plural } from "../text/counts.ts";
import { clip } from "../text/cut.ts";
import { exactDuration } from "../text/duration.ts";
import { exactDollars } from "../text/money.ts";
import { withoutTerminalCodes } from "../text/terminal-codes.ts";
import { charts } from "./chart.ts";
import { fileTitle } from "./diff-view.ts";
import { type Html, html, shownText } from "./html.ts";
import { type StoryStep, stepsOf } from "./steps.ts";
import type { TurnRecord } from "./turn-record.ts";

/** As much of the model's words as a reader of the short view wants; the technical view has the rest. */
const MAX_WHY_CHARS = 1_500;
const MAX_PATHS = 60;

export type SimplifiedInput = {
  conversation: Conversation;
  records: readonly TurnRecord[];
  outcome: Pick<Outcome, "ending" | "reason" | "verdict" | "verification" | "patchOnly">;
  files: readonly PatchFile[];
  /** How many more the page has no space for. */
  moreFiles: number;
  prompt: string;
  followUp?: string | undefined;
  setup?: CommandResult | undefined;
};

export function simplifiedView(input: SimplifiedInput, actionOf: ActionOf): Html {
  const steps = stepsOf(input.records, actionOf);
  return html`${taskView(input)}
${verdictView(input)}
${charts(input.records)}
${changedView(input, steps)}
${lookedAtView(steps)}
<section><h2>What happened</h2>
<ol class="steps">${steps.map(stepView)}</ol></section>`;
}

const words = (text: string) => shownText(withoutTerminalCodes(text).trim());

const taskView = ({ prompt, followUp }: SimplifiedInput): Html =>
  html`<section class="task" data-find><h2>Task</h2><div class="words">${words(prompt)}</div>
${followUp !== undefined && html`<h3>Then asked in this round</h3><div class="words">${words(followUp)}</div>`}</section>`;

const ENDINGS: Record<Outcome["ending"], string> = {
  changed: "Changes were necessary, and were made",
  unchanged: VERDICT_WORDS["not-needed"],
  blocked: VERDICT_WORDS.blocked,
  partial: "Stopped before the end, with what was done so far",
  failed: "Failed",
  cancelled: "Cancelled",
  skipped: "Nothing to do",
};

function verdictView({ outcome, conversation, setup }: SimplifiedInput): Html {
  const { ending, reason, verdict, verification, patchOnly } = outcome;
  return html`<section class="verdict ${ending}" data-find><h2>${ENDINGS[ending]}</h2>
${reasonView(reason)}${reasonView(patchOnly)}${
  verdict &&
  html`<div class="words">${conversation.scripted && html`<span class="chip scripted">scripted</span> `}${words(verdict.summary)}</div>
${verdict.evidence.length > 0 && html`<h3>Evidence</h3><ul class="evidence">${verdict.evidence.map(({ path, note }) => html`<li><code>${shownText(path)}</code> ${words(note)}</li>`)}</ul>`}
${verdict.pullRequestTitle.trim() !== "" && html`<details><summary>Proposed pull request: ${shownText(verdict.pullRequestTitle)}</summary><pre>${words(verdict.pullRequestBody)}</pre></details>`}`
}${commandView("Setup", setup)}${verification ? commandView("Check", verification) : verdict && kindOfVerdict(verdict) === "changed" && html`<p class="quiet">No check was run on this change.</p>`}</section>`;
}

const reasonView = (reason: Outcome["reason"]): Html | undefined =>
  reason && html`<p class="warning">${shownText(reason.message)} ${shownText(reason.nextStep)}</p>`;

function commandView(label: string, result: CommandResult | undefined): Html | undefined {
  if (!result) return undefined;
  const { command, exitCode, timedOut, durationMs, tail } = result;
  const passed = exitCode === 0 && !timedOut;
  return html`<details class="call${!passed && " failed"}"><summary>${label}: <code>${shownText(command)}</code> ${commandEndWords(result)} after ${exactDuration(durationMs)}</summary><pre class="result">${words(tail)}</pre></details>`;
}

function changedView(
  { files, moreFiles }: Pick<SimplifiedInput, "files" | "moreFiles">,
  steps: readonly StoryStep[],
): Html {
  if (files.length + moreFiles === 0)
    return html`<section data-find><h2>What it changed</h2><p class="quiet">Nothing.</p></section>`;
  return html`<section data-find><h2>What it changed</h2><ul class="files">${files.map(
    (file, i) =>
      html`<li><a href="#file-${i + 1}">${fileTitle(file)}</a>${turnLinks(steps.filter(({ actions }) => actions.some((action) => action.kind === "changed" && !action.failed && action.path === file.path)))}</li>`,
  )}${moreFiles > 0 && html`<li class="quiet">and ${plural(moreFiles, "more file")}</li>`}</ul></section>`;
}

const turnLinks = (steps: readonly StoryStep[]): Html | undefined =>
  steps.length === 0
    ? undefined
    : html`<span class="quiet"> in ${steps.slice(0, 5).map((step, i) => html`${i > 0 && ", "}${turnLink(step)}`)}${steps.length > 5 && " …"}</span>`;

const turnLink = ({ firstTurn, lastTurn }: StoryStep): Html =>
  html`<a href="#turn-${firstTurn}">${firstTurn === lastTurn ? `turn ${firstTurn}` : `turns ${firstTurn}–${lastTurn}`}</a>`;

/** Files by the number of times they were read, the ones that decided most first. */
function lookedAtView(steps: readonly StoryStep[]): Html {
  const looks = steps.flatMap(({ actions }) => actions).filter(({ kind, failed }) => kind === "looked" && !failed);
  const times = Object.entries(
    Object.groupBy(
      looks.filter(({ path }) => path),
      ({ path }) => path!,
    ),
  ).map(([path, some]) => ({ path, count: some!.length }));
  const others = looks.length - looks.filter(({ path }) => path).length;
  return html`<section data-find><h2>What it looked at</h2><p class="quiet">${plural(times.length, "file")} read, ${plural(others, "list or search", "lists and searches")}.</p>
<ul class="paths">${times
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MAX_PATHS)
    .map(
      ({ path, count }) =>
        html`<li><code>${shownText(path)}</code>${count > 1 && html`<span class="quiet"> ${count} times</span>`}</li>`,
    )}${times.length > MAX_PATHS && html`<li class="quiet">and ${times.length - MAX_PATHS} more</li>`}</ul></section>`;
}

function stepView(step: StoryStep): Html {
  const { why, actions, scripted, otherwise, costUsd } = step;
  return html`<li class="step" data-find><p class="facts">${turnLink(step)}<span>${exactDuration(step.tookMs)}</span><span>${exactDollars(costUsd)}</span></p>
${why !== "" && html`<div class="words">${scripted && html`<span class="chip scripted">scripted</span> `}${shownText(clip(withoutTerminalCodes(why), MAX_WHY_CHARS))}</div>`}
${actions.length > 0 && html`<ul class="actions">${actions.map(actionView)}</ul>`}${otherwise !== undefined && html`<p class="warning">${otherwise}</p>`}</li>
`;
}

const actionView = ({ kind, words: what, failed }: Action): Html =>
  html`<li class="${kind}${failed && " failed"}">${shownText(withoutTerminalCodes(what))}${failed && html` <span class="chip failed">failed</span>`}</li>`;
