import { clip, tail } from "../text/cut.ts";
import { withoutHidden } from "../text/hidden.ts";
import { oneLine } from "../text/lines.ts";

/**
 * Untrusted words for GitHub's Markdown, made inert: no person is mentioned, no issue is closed or linked, nothing is
 * loaded, nothing is hidden, no bot is commanded. Text in code stays as it is where it is certain that GitHub will
 * see code there as well; in doubt it counts as text.
 */
export function inertMarkdown(text: string, maxChars: number): string {
  const blocks = fencedBlocks(clip(withoutHidden(text), maxChars));
  return blocks.map(({ code, lines }) => (code ? lines.join("\n") : inertParagraphs(lines))).join("\n");
}

/** One line of untrusted words: a title, a note, the first line of a commit. Code in it is not spared. */
export const inertLine = (text: string, maxChars: number) =>
  inertText(clip(oneLine(withoutHidden(text)), maxChars)).replace(/`/g, "'");

export function codeSpan(text: string, maxChars: number): string {
  const line = clip(oneLine(withoutHidden(text)), maxChars) || " ";
  const ticks = "`".repeat(longestRun(line) + 1);
  return line.startsWith("`") || line.endsWith("`") ? `${ticks} ${line} ${ticks}` : `${ticks}${line}${ticks}`;
}

/** The end of a long text counts: a failing test says why in its last lines. */
export function codeBlock(text: string, maxChars: number): string {
  const shown = withoutHidden(text).trimEnd();
  const fence = "`".repeat(Math.max(3, longestRun(shown) + 1));
  return `${fence}text\n${shown.length > maxChars ? `…${tail(shown, maxChars)}` : shown}\n${fence}`;
}

/** Zero width space: breaks a reference and is not seen. */
const BREAK = "\u200b";

/** In a review GitHub makes such a block a button that commits it, past every check of ours. */
const SUGGESTION = /^suggestion/i;
const SUGGESTION_WITHIN = /^([ \t>*+\d.)-]*(?:`{3,}|~{3,})[ \t]*)suggestion/gim;

function inertText(text: string): string {
  return (
    text
      // An entity is decoded before GitHub looks for mentions.
      .replace(/&(?=#?\w+;)/g, "&amp;")
      // Raw HTML: comments that hide words, images, anything.
      .replace(/<(?=[a-z/!?])/gi, "&lt;")
      .replace(SUGGESTION_WITHIN, "$1text")
      .replace(/!(?=\[)/g, `!${BREAK}`)
      .replace(/@(?=[a-z0-9])/gi, `@${BREAK}`)
      .replace(/#(?=\d)/g, `#${BREAK}`)
      .replace(/\b(GH)-(?=\d)/gi, `$1-${BREAK}`)
      .replace(/\/(issues|pull|pulls|discussions|commit)\/(?=\w)/gi, `/$1/${BREAK}`)
      // Bots read a slash at the beginning of a line as an order.
      .replace(/^(\s*)\/(?=[a-z])/gim, `$1${BREAK}/`)
      // https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs
      .replace(/\[(skip ci|ci skip|no ci|skip actions|actions skip)\]/gi, "($1)")
      .replace(/^(skip-checks|\*\*\*NO_CI\*\*\*)/gim, `${BREAK}$1`)
  );
}

type Block = { code: boolean; lines: string[] };

/**
 * Only a fence at the very beginning of a line counts, because inside a list or a quotation an outdented line ends a
 * fence early. One that is never closed is closed here, so that it swallows nothing of ours.
 */
function fencedBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let fence: string | undefined;
  for (const line of text.split("\n")) {
    const opens = fence === undefined ? /^(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1] : undefined;
    if (opens) {
      fence = opens;
      // Behind the fence only the name of a language is left: parsers differ in how they read anything else.
      blocks.push({
        code: true,
        lines: [
          fence +
            line
              .slice(fence.length)
              .replace(/[^\w+.#-]/g, "")
              .replace(SUGGESTION, "text"),
        ],
      });
      continue;
    }
    const last = blocks.at(-1);
    if (last && last.code === (fence !== undefined)) last.lines.push(line);
    else blocks.push({ code: false, lines: [line] });
    if (fence !== undefined && closes(line, fence)) {
      fence = undefined;
      blocks.push({ code: false, lines: [] });
    }
  }
  if (fence !== undefined) blocks.at(-1)?.lines.push(fence);
  return blocks.filter(({ lines }) => lines.length > 0);
}

const closes = (line: string, fence: string) => {
  const run = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line)?.[1];
  return run?.[0] === fence[0] && run !== undefined && run.length >= fence.length;
};

/** Code spans may run over lines, so a paragraph is looked at as a whole. */
const inertParagraphs = (lines: readonly string[]) =>
  lines
    .join("\n")
    .split(/(\n[ \t]*\n)/)
    .map((paragraph) =>
      hasClearSpans(paragraph) ? paragraph.split("\n").map(spareSpans).join("\n") : inertText(paragraph),
    )
    .join("");

const SPAN = /(?<!`)(`+)(?!`)[^|]*?[^`|](?<!`)\1(?!`)/g;

/** Every line closes what it opens, and nothing escapes a backtick: then spans are where they seem to be. */
const hasClearSpans = (paragraph: string) =>
  !paragraph.includes("\\`") && paragraph.split("\n").every((line) => !line.replace(SPAN, "").includes("`"));

function spareSpans(line: string): string {
  let end = 0;
  let inert = "";
  for (const span of line.matchAll(SPAN)) {
    inert += inertText(line.slice(end, span.index)) + span[0];
    end = span.index + span[0].length;
  }
  return inert + inertText(line.slice(end));
}

const longestRun = (text: string) => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
