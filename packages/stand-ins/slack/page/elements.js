import { confirmed } from "./confirm.js";
import { h } from "./dom.js";
import { menuOptions } from "./field.js";
import { plainText, textObject } from "./mrkdwn.js";

/** Interactive elements outside of inputs. `use(element, value)` sends what was chosen. */
export function element(part, use) {
  const send = async (value) => {
    if (!part.confirm || (await confirmed(part.confirm))) use(part, value);
  };
  switch (part.type) {
    case "button":
      return button(part, send);
    case "overflow":
      return overflow(part, send);
    case "static_select":
      return select(part, send);
    case "image":
      return h("img", { src: part.image_url, alt: part.alt_text });
    case "checkboxes":
    case "radio_buttons":
      return h(
        "fieldset",
        {},
        part.options.map((option) => radio(part, option, send)),
      );
    default:
      return h("span", { class: "unknown" }, `[${part.type} is not drawn here]`);
  }
}

function button(part, send) {
  const properties = {
    class: `button ${part.style ?? ""}`,
    "data-action": part.action_id,
    "data-value": part.value,
    "aria-label": part.accessibility_label,
  };
  const label = plainText(part.text.text);
  if (part.url)
    return h(
      "a",
      { ...properties, href: part.url, target: "_blank", rel: "noopener noreferrer", onclick: () => send(part.value) },
      label,
    );
  const node = h(
    "button",
    {
      ...properties,
      type: "button",
      onclick: async () => {
        if (node.hasAttribute("aria-busy")) return;
        node.setAttribute("aria-busy", "true");
        await send(part.value);
        node.removeAttribute("aria-busy");
      },
    },
    label,
  );
  return node;
}

function overflow(part, send) {
  const menu = h(
    "details",
    { class: "menu", "data-action": part.action_id },
    h("summary", { class: "button", "aria-label": "More actions" }, "⋯"),
    h(
      "div",
      { role: "menu" },
      part.options.map((option) =>
        h(
          "button",
          {
            type: "button",
            role: "menuitem",
            "data-value": option.value,
            onclick: () => {
              menu.open = false;
              send(option.value);
            },
          },
          plainText(option.text.text),
          option.description && h("small", {}, plainText(option.description.text)),
        ),
      ),
    ),
  );
  return menu;
}

function select(part, send) {
  return h(
    "select",
    {
      "data-action": part.action_id,
      "aria-label": part.placeholder?.text ?? part.action_id,
      onchange: ({ target }) => send(target.value),
    },
    !part.initial_option && h("option", { value: "" }, part.placeholder?.text ?? "Choose"),
    menuOptions(part, part.initial_option?.value),
  );
}

function radio(part, option, send) {
  return h(
    "label",
    {},
    h("input", {
      type: part.type === "checkboxes" ? "checkbox" : "radio",
      name: part.action_id,
      checked: option.value === part.initial_option?.value,
      onchange: () => send(option.value),
    }),
    textObject(option.text),
  );
}
