import { spellHidden, textParts } from "../text/hidden.ts";

/** Markup that is safe to show. Only `html` and `shown` make it from what others wrote. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Child = Html | string | number | false | undefined | readonly Child[];

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** Whatever is put in is text, also inside a quoted attribute, unless it is markup already. */
export function html(strings: TemplateStringsArray, ...children: Child[]): Html {
  return new Html(strings.reduce((markup, part, i) => markup + markupOf(children[i - 1]) + part));
}

function markupOf(child: Child): string {
  if (child instanceof Html) return child.markup;
  if (child === undefined || child === false) return "";
  if (typeof child === "number") return String(child);
  if (typeof child === "string") return escaped(spellHidden(child));
  return child.map(markupOf).join("");
}

/** Text in which hidden characters can be seen, with their names on hover. */
export const shownText = (text: string): Html =>
  new Html(
    textParts(text)
      .map((part) =>
        part.kind === "text" ? escaped(part.text) : `<b class="hidden-character" title="${part.name}">${part.code}</b>`,
      )
      .join(""),
  );

/** For a style or script of our own: it must not be able to end its element. */
export function ownSource(source: string): Html {
  if (/<\/(?:style|script)|<!--/i.test(source)) throw new Error("A style or script would end its own element.");
  return new Html(source);
}
