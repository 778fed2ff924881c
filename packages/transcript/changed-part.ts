import type { PatchLine } from "../diff/patch-files.ts";
import { boundaryAfter, boundaryBefore } from "../text/boundary.ts";
import type { Piece } from "./colours.ts";

/** From (included) and to (excluded), in UTF-16 units of a line. */
export type Span = { from: number; to: number };

/** Less than this in common: the lines are two different ones, and marking most of both does not help. */
const LEAST_COMMON = 0.3;

/** Where as many lines came as went, each pair's differing middle. Keyed by the line itself. */
export function changedParts(lines: readonly PatchLine[]): Map<PatchLine, Span> {
  const parts = new Map<PatchLine, Span>();
  for (let at = 0; at < lines.length; ) {
    const removed = run(lines, at, "removed");
    const added = run(lines, at + removed.length, "added");
    if (removed.length === added.length) {
      for (const [i, line] of removed.entries()) {
        const spans = middles(line.text, added[i]!.text);
        if (spans) parts.set(line, spans[0]).set(added[i]!, spans[1]);
      }
    }
    at += Math.max(1, removed.length + added.length);
  }
  return parts;
}

function run(lines: readonly PatchLine[], from: number, kind: PatchLine["kind"]): PatchLine[] {
  const end = lines.findIndex((line, i) => i >= from && line.kind !== kind);
  return lines.slice(from, end === -1 ? undefined : end);
}

function middles(a: string, b: string): [Span, Span] | undefined {
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  // An emoji may differ from another in its second half only.
  head = Math.min(boundaryBefore(a, head), boundaryBefore(b, head));
  tail = Math.min(...[a, b].map((text) => text.length - boundaryAfter(text, text.length - tail)));
  if (head + tail < Math.max(a.length, b.length) * LEAST_COMMON) return undefined;
  return [
    { from: head, to: a.length - tail },
    { from: head, to: b.length - tail },
  ];
}

/** The pieces cut at the span's ends, those within it marked. */
export function marked(pieces: readonly Piece[], span: Span | undefined): (Piece & { mark?: true })[] {
  if (!span) return [...pieces];
  let start = 0;
  return pieces.flatMap((piece) => {
    const cut = (position: number) => Math.min(Math.max(position - start, 0), piece.text.length);
    const [from, to] = [cut(span.from), cut(span.to)];
    start += piece.text.length;
    return [
      { ...piece, text: piece.text.slice(0, from) },
      { ...piece, text: piece.text.slice(from, to), mark: true as const },
      { ...piece, text: piece.text.slice(to) },
    ].filter(({ text }) => text !== "");
  });
}
