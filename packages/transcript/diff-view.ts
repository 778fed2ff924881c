import type { Hunk, PatchFile, PatchLine } from "../diff/patch-files.ts";
import { plural } from "../text/counts.ts";
import { clip } from "../text/cut.ts";
import { changedParts, marked } from "./changed-part.ts";
import { coloured, languageOf, type Piece } from "./colours.ts";
import { type Html, html, shownText } from "./html.ts";

/** Beyond these a page would be slow; the patch itself, which is a file of its own, has everything. */
const MAX_LINES = 20_000;
const MAX_FILE_LINES = 4_000;
const MAX_LINE_CHARS = 5_000;
const MAX_COLOURED_CHARS = 500_000;
/** So many lines are open at once; later files are a click away. */
const OPEN_LINES = 600;

export function diffView({ files, unread }: { files: readonly PatchFile[]; unread: string }): Html {
  const left = { lines: MAX_LINES, colouredChars: MAX_COLOURED_CHARS, openLines: OPEN_LINES };
  return html`${files.map((file, i) => {
    const lines = file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
    const open = left.openLines > 0;
    left.openLines -= lines;
    return html`<details class="file" id="file-${i + 1}" data-find${open && html` open`}>
<summary>${fileTitle(file)}</summary>
${fileBody(file, lines, left)}
</details>
`;
  })}${unread !== "" && html`<p class="warning">The rest of the patch could not be read and is not shown here: ${plural(unread.split("\n").length, "line")}.</p>`}`;
}

export const fileTitle = (file: PatchFile): Html => {
  const { path, oldPath, change, additions, deletions } = file;
  return html`<span class="path">${oldPath !== undefined && html`${shownText(oldPath)} → `}${shownText(path)}</span> <span class="diffstat"><ins>+${additions}</ins> <del>−${deletions}</del></span> ${[
    ...(change === "changed" ? [] : [change]),
    ...factsOf(file),
  ].map((fact) => html`<span class="chip">${fact}</span> `)}`;
};

/** What a change is besides its lines. */
export const factsOf = ({ mode, oldMode, binary }: PatchFile): string[] => [
  ...(oldMode && mode ? [`mode ${oldMode} is now ${mode}`] : []),
  ...(mode === "120000" ? ["symbolic link"] : mode === "160000" ? ["submodule"] : []),
  ...(mode === "100755" && !oldMode ? ["executable"] : []),
  ...(binary ? ["binary content, not shown"] : []),
];

function fileBody(file: PatchFile, lines: number, left: { lines: number; colouredChars: number }): Html {
  if (file.hunks.length === 0) return html`<p class="quiet">No lines to show.</p>`;
  if (lines > MAX_FILE_LINES || lines > left.lines)
    return html`<p class="warning">${plural(lines, "line")}: too many for this page. The patch file has them.</p>`;
  left.lines -= lines;
  const chars = file.hunks.flatMap((hunk) => hunk.lines).reduce((sum, { text }) => sum + text.length, 0);
  const language = chars <= left.colouredChars ? languageOf(file.path) : undefined;
  if (language) left.colouredChars -= chars;
  return html`<table class="diff">${file.hunks.map((hunk) => hunkRows(hunk, language))}</table>`;
}

function hunkRows(hunk: Hunk, language: string | undefined): Html {
  const lines = hunk.lines.map((line) => ({ ...line, text: clip(line.text, MAX_LINE_CHARS) }));
  const pieces = colouredSides(lines, language);
  const parts = changedParts(lines);
  return html`<tbody><tr class="heading"><td></td><td></td><td class="code">⋯ ${shownText(clip(hunk.heading, MAX_LINE_CHARS))}</td></tr>
${lines.map(
  (
    line,
  ) => html`<tr class="${line.kind}"><td data-line="${line.oldNumber}"></td><td data-line="${line.newNumber}"></td><td class="code">${codeOf(marked(pieces.get(line)!, parts.get(line)))}${
    line.noNewline && html`<span class="no-newline" title="no newline at the end of the file"> ⊘</span>`
  }</td></tr>
`,
)}</tbody>`;
}

/** Each side is coloured as a whole, so that a comment over several lines stays one. */
function colouredSides(lines: readonly PatchLine[], language: string | undefined): Map<PatchLine, Piece[]> {
  const pieces = new Map<PatchLine, Piece[]>();
  for (const kind of ["removed", "added"] as const) {
    const side = lines.filter((line) => line.kind === "same" || line.kind === kind);
    const colours = coloured(
      side.map(({ text }) => text),
      language,
    );
    for (const [i, line] of side.entries()) pieces.set(line, colours[i]!);
  }
  return pieces;
}

function codeOf(pieces: readonly (Piece & { mark?: true })[]): Html[] {
  return pieces.map(({ text, colour, mark }, i) => {
    const crlf = i === pieces.length - 1 && text.endsWith("\r");
    const code = html`${shownText(crlf ? text.slice(0, -1) : text)}${crlf && html`<span class="line-end" title="the line ends in CRLF">␍</span>`}`;
    const inner = mark ? html`<mark>${code}</mark>` : code;
    return colour ? html`<span class="${colour}">${inner}</span>` : inner;
  });
}
