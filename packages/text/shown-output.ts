import { head, headAndTail, tail } from "./cut.ts";
import { namesFailure } from "./failure-lines.ts";

/** Around a line that names a failure stands what was expected, where, and why: go says it in front. */
const LINES_BEFORE = 2;
const LINES_BEHIND = 5;
const MAX_LINE_CHARS = 500;

/**
 * What of a long output is shown: its head, its tail, and between them the lines that name failures, with what stands
 * behind them. What is left out is said by line numbers, so that the whole can be asked for. At most `max` characters.
 */
export function shownOutput(output: string, max: number): string {
  if (output.length <= max) return output;
  const lines = output.split("\n");
  const shown = new Set<number>();
  let left = max;
  const take = (i: number, until: number) => {
    if (shown.has(i) || lines[i] === undefined) return true;
    // The gap in front may have to be named.
    const cost = Math.min(lines[i].length, MAX_LINE_CHARS) + 1 + GAP_CHARS;
    if (left - cost < until) return false;
    left -= cost;
    shown.add(i);
    return true;
  };
  for (let i = 0; i < lines.length && take(i, max * 0.85); i++);
  for (let i = lines.length - 1; i >= 0 && take(i, max * 0.5); i--);
  const failures = lines.keys().filter((i) => !shown.has(i) && namesFailure(lines[i]!));
  for (const i of failures) {
    for (let near = Math.max(0, i - LINES_BEFORE); near <= i + LINES_BEHIND; near++) if (!take(near, 0)) break;
    if (left < GAP_CHARS * 2) break;
  }
  for (let i = lines.length - 1; i >= 0 && take(i, 0); i--);
  return joined(lines, shown, max);
}

const GAP_CHARS = 12;
const leftOutOfLine = (left: number) => ` [... ${left.toLocaleString("en")} characters left out ...] `;

function joined(lines: readonly string[], shown: ReadonlySet<number>, max: number): string {
  const found: string[] = [];
  let from: number | undefined;
  const gap = (to: number) => {
    if (from !== undefined)
      found.push(from === to ? `[line ${from + 1} left out]` : `[lines ${from + 1} to ${to + 1} left out]`);
    from = undefined;
  };
  for (const [i, line] of lines.entries()) {
    if (!shown.has(i)) from ??= i;
    else {
      gap(i - 1);
      found.push(headAndTail(line, MAX_LINE_CHARS, leftOutOfLine));
    }
  }
  gap(lines.length - 1);
  const text = found.join("\n");
  // One long line alone, or many small gaps.
  return text.length <= max ? text : `${head(text, Math.ceil(max / 2) - 1)}\n${tail(text, Math.floor(max / 2))}`;
}
