import type { KnownFile } from "../conversation.ts";
import type { Replacement } from "./plan.ts";

export type RaiseEdit = { path: string; old_text: string; new_text: string };

/**
 * Changes by offset become edit_file calls: whole lines, with as many lines before them as make them unique in what is
 * known of the file. Each is made from the text as the ones before it leave it.
 */
export function editsOf(changes: Replacement[], files: Map<string, KnownFile>): RaiseEdit[] {
  return Object.entries(Object.groupBy(changes, ({ path }) => path)).flatMap(([path, ofFile]) => {
    let text = known(files.get(path)!);
    const edits: RaiseEdit[] = [];
    // From the end, so that earlier offsets stay right.
    for (const { at, length, replacement } of ofFile!.toSorted((a, b) => b.at - a.at)) {
      const changed = text.slice(0, at) + replacement + text.slice(at + length);
      const [from, to] = uniqueLines(text, at, at + length);
      const grown = changed.length - text.length;
      edits.push({ path, old_text: text.slice(from, to), new_text: changed.slice(from, to + grown) });
      text = changed;
    }
    return edits;
  });
}

/** Known lines in order. */
function known(file: KnownFile): string {
  return [...file.lines]
    .toSorted(([a], [b]) => a - b)
    .map(([, line]) => line)
    .join("\n");
}

function uniqueLines(text: string, start: number, end: number): [number, number] {
  let from = text.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = text.indexOf("\n", end);
  const to = lineEnd === -1 ? text.length : lineEnd;
  while (from > 0 && text.indexOf(text.slice(from, to)) !== text.lastIndexOf(text.slice(from, to))) {
    from = text.lastIndexOf("\n", from - 2) + 1;
  }
  return [from, to];
}
