import { html as diffHtml, parse } from "diff2html";
import { ColorSchemeType } from "diff2html/lib/types.js";
import hljs from "highlight.js/lib/common";
import { raw } from "hono/html";

/** A page does not show a diff of megabytes. */
const MAX_CHARS = 200_000;

/** The files of a diff with line numbers, changed words and colours; nothing in it runs or is fetched. */
export function diffPage(diff: string) {
  const whole = diff.length <= MAX_CHARS;
  const shown = whole ? diff : diff.slice(0, diff.lastIndexOf("\n", MAX_CHARS) + 1);
  const files = parse(shown);
  const drawn = diffHtml(files, {
    outputFormat: "line-by-line",
    matching: "lines",
    drawFileList: files.length > 1,
    colorScheme: ColorSchemeType.AUTO,
  });
  // What scrolls by itself is reached with the keyboard.
  const reachable = drawn.replaceAll('<div class="d2h-file-diff">', '<div class="d2h-file-diff" tabindex="0">');
  return { files: files.length, whole, markup: raw(withColours(reachable.replaceAll("&#x2F;", "/"))) };
}

const FILE = /<div id="d2h-[^"]*" class="d2h-file-wrapper" data-lang="([^"]*)">/;
const LINE = /(<span class="d2h-code-line-ctn">)(.*?)(<\/span>)/gs;

/** diff2html colours in the browser only; here its finished lines are given their colours. */
function withColours(drawn: string): string {
  const [before = "", ...files] = drawn.split(new RegExp(`(?=${FILE.source})`)).filter((_, i) => i % 2 === 0);
  return (
    before +
    files
      .map((file) => {
        const language = FILE.exec(file)?.[1];
        if (!language || !hljs.getLanguage(language)) return file;
        return file.replace(LINE, (_, open, line, close) => open + coloured(line, language) + close);
      })
      .join("")
  );
}

type Letter = { text: string; mark: string; colour: string };

/** `line` is escaped text with `<ins>` and `<del>`; both its marks and the colours are kept, letter by letter. */
function coloured(line: string, language: string): string {
  // Its sign for an empty line.
  if (line === "<br>") return line;
  const marks = lettersOf(line);
  const code = marks.map(({ text }) => text).join("");
  const plain = code.replace(/&(?:amp|lt|gt|quot|#x27|#39);/g, (entity) => ENTITIES[entity]!);
  const colours = lettersOf(hljs.highlight(plain, { language, ignoreIllegals: true }).value);
  if (marks.length !== colours.length) return line;
  const letters = marks.map((letter, i) => ({ ...letter, colour: colours[i]!.colour }));
  let markup = "";
  for (let i = 0; i < letters.length; ) {
    const { mark, colour } = letters[i]!;
    let end = i + 1;
    while (letters[end]?.mark === mark && letters[end]?.colour === colour) end++;
    const text = letters
      .slice(i, end)
      .map((letter) => letter.text)
      .join("");
    const inner = colour ? `<span class="${colour}">${text}</span>` : text;
    markup += mark ? `<${mark}>${inner}</${mark}>` : inner;
    i = end;
  }
  return markup;
}

const ENTITIES: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#x27;": "'",
  "&#39;": "'",
};
const TOKEN = /<(\/?)(ins|del|span)(?: class="([\w\s-]*)")?>|&[#\w]+;|./gsu;

/** Letters stay escaped. */
function lettersOf(markup: string): Letter[] {
  const letters: Letter[] = [];
  const colours: string[] = [];
  let mark = "";
  for (const [text, ends, tag, colour] of markup.matchAll(TOKEN)) {
    if (tag === "span") ends ? colours.pop() : colours.push(colour ?? "");
    else if (tag) mark = ends ? "" : tag;
    else letters.push({ text, mark, colour: colours.at(-1) ?? "" });
  }
  return letters;
}
