import type { ActionOf } from "../conversation/calls.ts";
import type { Conversation } from "../conversation/conversation.ts";
import { percent, plural, tokens } from "../text/counts.ts";
import { head, headAndTail } from "../text/cut.ts";
import { exactDuration } from "../text/duration.ts";
import { firstLine } from "../text/lines.ts";
import { exactDollars } from "../text/money.ts";
import { withoutTerminalCodes } from "../text/terminal-codes.ts";
import { type Html, html, shownText } from "./html.ts";
import { type CallDetail, type SpokenPart, type TurnDetail, turnDetail } from "./turn-detail.ts";
import type { TurnRecord } from "./turn-record.ts";

/** The longest answer of a tool fits; with very many texts each gets its share of the page. */
const MAX_TEXT_CHARS = 42_000;
const LEAST_TEXT_CHARS = 2_000;
const MAX_PAGE_CHARS = 16_000_000;

export function technicalView(conversation: Conversation, records: readonly TurnRecord[], actionOf: ActionOf): Html {
  const share = Math.floor(MAX_PAGE_CHARS / Math.max(1, conversation.entries.length));
  const max = Math.min(MAX_TEXT_CHARS, Math.max(LEAST_TEXT_CHARS, share));
  const show = (text: string) => headAndTail(withoutTerminalCodes(text), max);
  return html`<details class="frame" data-find><summary>System prompt and ${plural(conversation.tools.length, "tool")}, the same in every turn</summary>
<pre>${shownText(show(conversation.system))}</pre>
${conversation.tools.map(({ name, ...rest }) => html`<h4>${name}</h4><pre>${shownText(show(JSON.stringify(rest, undefined, 2)))}</pre>`)}
</details>
${records.map((record, i) => turnView(turnDetail(record, records[i + 1], show, actionOf)))}`;
}

function turnView(turn: TurnDetail): Html {
  const { usage } = turn;
  return html`<article class="turn" id="turn-${turn.turn}" data-find>
<header><h3><a class="permalink" href="#turn-${turn.turn}">Turn ${turn.turn}</a></h3>
<p class="facts"><time datetime="${turn.requestedAt}">${turn.requestedAt.slice(11, 19)}</time><span>${exactDuration(turn.tookMs)}</span><span title="${usage.input} new, ${usage.cacheRead} from cache, ${usage.cacheWrite5m + usage.cacheWrite1h} written to cache">sent ${tokens(turn.contextTokens)}, <b>${percent(turn.cacheShare)}</b> cached</span><span>got ${tokens(usage.output)}</span><span>${exactDollars(turn.costUsd)}</span>${turn.attempt > 1 && html`<span>attempt ${turn.attempt}</span>`}${turn.stopReason !== "tool_use" && html`<span class="chip">${turn.stopReason}</span>`}</p></header>
${turn.asked.map(askedView)}${turn.said.map((said) => saidView(said, turn.scripted))}${turn.calls.map(callView)}
</article>
`;
}

const askedView = ({ text }: SpokenPart): Html =>
  html`<details class="asked"><summary>Sent to the model: ${shownText(inShort(text))}</summary><pre>${shownText(text)}</pre></details>
`;

function saidView({ kind, text }: SpokenPart, scripted: boolean): Html {
  const mark = scripted && html`<span class="chip scripted">scripted</span> `;
  if (kind === "text")
    return html`<div class="words">${mark}${shownText(text)}</div>
`;
  return html`<details class="thinking"><summary>${mark}${kind === "thinking" ? html`Thinking: ` : html`Other content: `}${shownText(inShort(text))}</summary><pre>${shownText(text)}</pre></details>
`;
}

function callView({ name, words, failed, input, result }: CallDetail): Html {
  return html`<details class="call${failed && " failed"}"><summary><code>${name}</code> ${shownText(words)}${failed && html` <span class="chip failed">failed</span>`}</summary>
<dl>${input.map(({ name: key, value }) => html`<dt>${key}</dt><dd><pre${EDIT_SIDES.has(key) && html` class="${EDIT_SIDES.get(key)}"`}>${shownText(value)}</pre></dd>`)}</dl>
${result === undefined ? html`<p class="quiet">The round ended with this call.</p>` : html`<pre class="result">${shownText(result)}</pre>`}
</details>
`;
}

/** An edit's two texts, coloured like a diff. */
const EDIT_SIDES = new Map([
  ["old_text", "removed-text"],
  ["new_text", "added-text"],
]);

const inShort = (text: string) => head(firstLine(text), 120);
