import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ActionOf } from "../conversation/calls.ts";
import type { Conversation } from "../conversation/conversation.ts";
import { patchFiles } from "../diff/patch-files.ts";
import type { CommandResult, Outcome } from "../jobs/outcome.ts";
import type { Lost } from "../jobs/usage.ts";
import { percent, plural, tokens } from "../text/counts.ts";
import { exactDuration } from "../text/duration.ts";
import { aboutDollars, exactDollars } from "../text/money.ts";
import { diffView } from "./diff-view.ts";
import { hiddenIn, type RestOfPatch } from "./first-files.ts";
import { type Html, html, ownSource } from "./html.ts";
import { simplifiedView } from "./simplified-view.ts";
import { technicalView } from "./technical-view.ts";
import { contextTokens, costOfTurns, recordsOf, type TurnFacts, type TurnRecord } from "./turn-record.ts";

export type Transcript = {
  conversation: Conversation;
  /** The round's stored turns, in any order. */
  turns: readonly TurnFacts[];
  outcome: Pick<Outcome, "ending" | "reason" | "verdict" | "verification" | "patchOnly" | "startedAt" | "endedAt">;
  /** What `git diff --binary --full-index` wrote; absent or empty when nothing changed. */
  patch?: Uint8Array | undefined;
  /** What of the patch is left out of `patch`: see first-files.ts. */
  rest?: RestOfPatch | undefined;
  /** The job's prompt, and what a later round asked besides. */
  prompt: string;
  followUp?: string | undefined;
  baseCommit?: string | undefined;
  setup?: CommandResult | undefined;
  /** Answers of this round that were asked for and never stored; `usd` is an estimate. */
  lost?: Lost | undefined;
};

const ownText = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");
const STYLE = ownText("page.css");
const SCRIPT = ownText("page.js");

const sourceHash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Nothing may be loaded, sent or framed, and only our own style and script count: what is inside stays inert. */
const POLICY = [
  "default-src 'none'",
  `style-src ${sourceHash(STYLE)}`,
  `script-src ${sourceHash(SCRIPT)}`,
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

/** One self-contained page, to be stored as it is: the same input gives the same bytes. */
export function renderTranscript(transcript: Transcript, actionOf: ActionOf): string {
  const { conversation } = transcript;
  const records = recordsOf(conversation, transcript.turns);
  const patch = transcript.patch ?? new Uint8Array();
  const diff = patchFiles(patch);
  const told = { ...transcript, records, files: diff.files, moreFiles: transcript.rest?.files ?? 0 };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${conversation.repository} · ${conversation.jobId}</title>
<style>${ownSource(STYLE)}</style>
</head>
<body>
${topView(transcript, records, diff.files.length + (transcript.rest?.files ?? 0))}
<main>
${warnings(conversation, hiddenIn(patch) + (transcript.rest?.hidden ?? 0))}
<div class="panel" id="simplified">${simplifiedView(told, actionOf)}</div>
<div class="panel" id="technical"><p><button type="button" id="open-all" hidden>Open every call</button></p>
${technicalView(conversation, records, actionOf)}</div>
<div class="panel" id="diff">${diff.files.length === 0 && !transcript.rest ? html`<p class="quiet">No patch: nothing was changed.</p>` : diffView(diff)}${restView(transcript.rest)}</div>
<p class="quiet" id="nothing-found" hidden>Nothing in this view has these words.</p>
</main>
<script>${ownSource(SCRIPT)}</script>
</body>
</html>
`.markup;
}

const VIEWS = [
  { id: "simplified", label: "Simplified" },
  { id: "technical", label: "Technical" },
  { id: "diff", label: "Diff" },
];

function topView(
  { conversation, outcome, baseCommit, lost }: Transcript,
  records: readonly TurnRecord[],
  files: number,
): Html {
  const { repository, jobId, round, model } = conversation;
  return html`<header class="top"><h1>${repository}</h1>
<p class="facts"><span>job ${jobId}</span><span>round ${round}</span><span>${model}</span>${baseCommit && html`<span>from ${baseCommit.slice(0, 10)}</span>`}<time datetime="${outcome.startedAt}">${outcome.startedAt.slice(0, 16).replace("T", " ")} UTC</time></p>
${figures(outcome, records, lost)}
<nav aria-label="Views"><div class="views">${VIEWS.map(
    ({ id, label }, i) =>
      html`<input type="radio" name="view" id="view-${id}" value="${id}"${i === 0 && html` checked`}><label for="view-${id}">${label}${id === "technical" && html` <span>${records.length}</span>`}${id === "diff" && html` <span>${files}</span>`}</label>`,
  )}</div><label class="search"><span>Search</span><input type="search" id="search" placeholder="Search this view" autocomplete="off"></label><output id="found" for="search"></output></nav></header>`;
}

function figures({ startedAt, endedAt }: Transcript["outcome"], records: readonly TurnRecord[], lost?: Lost): Html {
  const sum = (of: (record: TurnRecord) => number) => records.reduce((total, record) => total + of(record), 0);
  const sent = sum(({ usage }) => contextTokens(usage));
  const cached = sent === 0 ? 0 : sum(({ usage }) => usage.cacheRead) / sent;
  const list: [string, string][] = [
    ["cost", exactDollars(costOfTurns(records))],
    ...(lost ? [[`${plural(lost.turns, "turn")} lost`, aboutDollars(lost.usd, exactDollars)] as [string, string]] : []),
    ["time", exactDuration(Date.parse(endedAt) - Date.parse(startedAt))],
    ["turns", records.length.toLocaleString("en")],
    ["tokens sent", tokens(sent)],
    ["from cache", percent(cached)],
    ["tokens written", tokens(sum(({ usage }) => usage.output))],
  ];
  return html`<dl class="figures">${list.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

const restView = (rest: RestOfPatch | undefined) =>
  rest &&
  html`<p class="warning">${plural(rest.files, "more file")}: too much for this page. The patch file has them.</p>`;

function warnings({ scripted }: Conversation, hidden: number): Html {
  return html`${scripted && html`<p class="warning scripted">The scripted stand-in for Claude wrote the words in this conversation: no model was asked, and the dollars are simulated.</p>`}
${hidden > 0 && html`<p class="warning">The patch holds ${plural(hidden, "character")} that are not seen or that change the direction of text. Each is marked in the diff, like <b class="hidden-character" title="right-to-left override">U+202E</b>.</p>`}`;
}
