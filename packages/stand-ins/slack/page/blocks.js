import { h } from "./dom.js";
import { element } from "./elements.js";
import { plainText, textObject } from "./mrkdwn.js";
import { plan, taskCard } from "./plan.js";
import { richText } from "./rich-text.js";

/** Blocks of a message, the home tab, or a modal without its inputs. `use(element, value)` sends a choice. */
export const blocks = (list, use) =>
  h(
    "div",
    { class: "blocks" },
    list.map((block) => drawn(block, use)),
  );

export function drawn(block, use) {
  switch (block.type) {
    case "section":
      return section(block, use);
    case "header":
      return h("h3", {}, plainText(block.text.text));
    case "divider":
      return h("hr");
    case "context":
      return h(
        "div",
        { class: "context" },
        block.elements.map((part) => h("span", {}, part.type === "image" ? element(part) : textObject(part))),
      );
    case "actions":
      return h(
        "div",
        { class: "actions" },
        block.elements.map((part) => element(part, use)),
      );
    case "image":
      return h(
        "figure",
        {},
        block.title && h("figcaption", {}, plainText(block.title.text)),
        h("img", { src: block.image_url, alt: block.alt_text }),
      );
    case "rich_text":
      return richText(block);
    case "plan":
      return plan(block);
    case "task_card":
      return taskCard(block);
    case "table":
      return table(block);
    case "markdown":
      return h("div", { class: "markdown" }, block.text);
    case "alert":
      return h("div", { class: `alert ${block.level ?? "default"}`, role: "note" }, textObject(block.text));
    default:
      return h("div", { class: "unknown" }, `[${block.type} is not drawn here]`);
  }
}

const section = (block, use) =>
  h(
    "div",
    { class: "section" },
    h(
      "div",
      {},
      block.text && h("div", {}, textObject(block.text)),
      block.fields &&
        h(
          "div",
          { class: "fields" },
          block.fields.map((field) => h("div", {}, textObject(field))),
        ),
    ),
    block.accessory && h("div", { class: "accessory" }, element(block.accessory, use)),
  );

function table(block) {
  const [head, ...rows] = block.rows;
  const cell = (part) => (part.type === "rich_text" ? richText(part) : part.text);
  const align = (index) => `align-${block.column_settings?.[index]?.align ?? "left"}`;
  return h(
    "div",
    { class: "table" },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head.map((part, i) => h("th", { scope: "col", class: align(i) }, cell(part))),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            row.map((part, i) => h("td", { class: align(i) }, cell(part))),
          ),
        ),
      ),
    ),
  );
}
