import { basename, extname } from "node:path";
import hljs from "highlight.js/lib/common";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import gradle from "highlight.js/lib/languages/gradle";
import groovy from "highlight.js/lib/languages/groovy";
import properties from "highlight.js/lib/languages/properties";

/** A piece of a line that has one colour; `colour` is one of highlight.js's class names. */
export type Piece = { text: string; colour?: string };

const highlighter = hljs.newInstance();
for (const name of hljs.listLanguages()) highlighter.registerLanguage(name, () => hljs.getLanguage(name)!);
highlighter.registerLanguage("dockerfile", dockerfile);
highlighter.registerLanguage("gradle", gradle);
highlighter.registerLanguage("groovy", groovy);
highlighter.registerLanguage("properties", properties);

const BY_NAME = new Map([
  ["Dockerfile", "dockerfile"],
  ["Makefile", "makefile"],
  ["Jenkinsfile", "groovy"],
]);

export function languageOf(path: string): string | undefined {
  const name = BY_NAME.get(basename(path)) ?? extname(path).slice(1).toLowerCase();
  return name !== "" && highlighter.getLanguage(name) ? name : undefined;
}

/**
 * Lines of code as coloured pieces; together they are the very same text, or they get no colours. highlight.js gives
 * markup: only its class names and the text between are taken, so that our own escaping is the only one that counts.
 */
export function coloured(lines: readonly string[], language: string | undefined): Piece[][] {
  const plain = lines.map((text) => [{ text }]);
  if (!language) return plain;
  const pieces = highlighted(lines, language);
  const same = pieces.length === lines.length && pieces.every((line, i) => textOf(line) === lines[i]);
  return same ? pieces : plain;
}

const textOf = (pieces: readonly Piece[]) => pieces.map(({ text }) => text).join("");

function highlighted(lines: readonly string[], language: string): Piece[][] {
  const { value } = highlighter.highlight(lines.join("\n"), { language, ignoreIllegals: true });
  const colours: string[] = [];
  const result: Piece[][] = [[]];
  for (const [tag, opened] of value.matchAll(/<span class="([\w\s-]*)">|<\/span>|[^<]+/g)) {
    if (tag === "</span>") colours.pop();
    else if (opened !== undefined) colours.push(opened);
    else {
      const colour = colours.at(-1);
      for (const [i, text] of unescaped(tag).split("\n").entries()) {
        if (i > 0) result.push([]);
        if (text !== "") result.at(-1)!.push({ text, ...(colour && { colour }) });
      }
    }
  }
  return result;
}

const CHARACTERS: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" };
const unescaped = (text: string) => text.replace(/&(amp|lt|gt|quot|#x27);/g, (_, name: string) => CHARACTERS[name]!);
