import { h, link } from "./dom.js";
import { emoji, formatDate, mention } from "./mrkdwn.js";
import { nameOf } from "./names.js";

const MARKS = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };

/** A `rich_text` block. */
export const richText = (block) => h("div", { class: "rich-text" }, block.elements.map(element));

function element(part) {
  switch (part.type) {
    case "rich_text_section":
      return h("div", {}, part.elements.flatMap(inline));
    case "rich_text_list":
      return h(
        part.style === "ordered" ? "ol" : "ul",
        { class: `indent-${part.indent ?? 0}` },
        part.elements.map((item) => h("li", {}, item.elements.flatMap(inline))),
      );
    case "rich_text_preformatted":
      return h(
        "pre",
        {},
        part.elements.map(({ text, url }) => text ?? url),
      );
    default:
      return h("blockquote", {}, part.elements.flatMap(inline));
  }
}

function inline(part) {
  const marked = (node) =>
    Object.keys(MARKS).reduce((inner, mark) => (part.style?.[mark] ? h(MARKS[mark], {}, inner) : inner), node);
  switch (part.type) {
    case "text":
      return part.text.split("\n").flatMap((line, index) => [...(index > 0 ? [h("br")] : []), marked(line)]);
    case "link":
      return [link(part.url, marked(part.text ?? part.url))];
    case "emoji":
      return [emoji(part.name)];
    case "user":
      return [mention(`@${nameOf(part.user_id)}`)];
    case "channel":
      return [mention(`#${nameOf(part.channel_id)}`)];
    case "date":
      return [formatDate(part.timestamp, part.format)];
    default:
      return [mention(`@${part.range ?? part.usergroup_id}`)];
  }
}
