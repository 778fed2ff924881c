import { h } from "./dom.js";
import { plainText, textObject } from "./mrkdwn.js";
import { typeAhead } from "./type-ahead.js";

/** The error is gone as soon as something is done about it, without drawing anew what is being typed in. */
export function forgive(node) {
  node.classList.remove("wrong");
  node.querySelector(".error")?.remove();
  for (const part of node.querySelectorAll("[aria-invalid]")) part.removeAttribute("aria-invalid");
}

/**
 * One input of a modal with its label, hint and error. `value` is its state as Slack keeps it; `changed(filling)` hears
 * text, an option's value, several values, or null for nothing.
 */
export function field(block, value, error, { changed, ask, attach }) {
  const part = block.element;
  const id = `field-${block.block_id}`;
  const hintId = `${id}-hint`;
  const described = [block.hint && hintId, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const grouped = part.type === "radio_buttons" || part.type === "checkboxes";
  const label = [plainText(block.label.text), block.optional && h("small", {}, " (optional)")];
  const control = controlOf(part, value, {
    id,
    described,
    wrong: error !== undefined,
    mayBeEmpty: block.optional,
    changed,
    ask,
    attach,
  });
  return h(
    grouped ? "fieldset" : "div",
    {
      class: `field ${error ? "wrong" : ""}`,
      "data-block": block.block_id,
      "aria-describedby": grouped ? described : undefined,
    },
    grouped ? h("legend", {}, label) : h("label", { for: id }, label),
    control,
    block.hint && h("p", { id: hintId, class: "hint" }, plainText(block.hint.text)),
    error && h("p", { id: `${id}-error`, class: "error", role: "alert" }, error),
  );
}

function controlOf(part, value, { id, described, wrong, mayBeEmpty, changed, ask, attach }) {
  const invalid = wrong && "true";
  const common = { id, "aria-describedby": described, "aria-invalid": invalid, autofocus: part.focus_on_load };
  const placeholder = part.placeholder?.text;
  const one = (option) => changed(option === "" ? null : option);
  switch (part.type) {
    case "plain_text_input":
    case "number_input":
    case "email_text_input":
    case "url_text_input":
      return h(part.multiline ? "textarea" : "input", {
        ...common,
        placeholder,
        maxlength: part.max_length,
        rows: part.multiline ? 5 : undefined,
        type: part.multiline ? undefined : "text",
        inputmode: part.type === "number_input" ? "decimal" : undefined,
        value: value?.value ?? "",
        oninput: ({ target }) => one(target.value),
      });
    case "file_input":
      return fileInput(part, value?.files ?? [], common, attach);
    case "datepicker":
      return h("input", {
        ...common,
        type: "date",
        value: value?.selected_date ?? "",
        onchange: ({ target }) => one(target.value),
      });
    case "static_select":
      return menu(part, value?.selected_option?.value, { common, placeholder, mayBeEmpty, one });
    case "radio_buttons":
      return h(
        "div",
        {},
        part.options.map((option) =>
          choice("radio", id, option, option.value === value?.selected_option?.value, () => changed(option.value)),
        ),
      );
    case "checkboxes": {
      const picked = new Set((value?.selected_options ?? []).map((option) => option.value));
      const toggle =
        (option) =>
        ({ target }) => {
          if (target.checked) picked.add(option.value);
          else picked.delete(option.value);
          changed([...picked]);
        };
      return h(
        "div",
        {},
        part.options.map((option) => choice("checkbox", id, option, picked.has(option.value), toggle(option))),
      );
    }
    case "multi_static_select":
    case "multi_external_select":
      return typeAhead({
        id,
        placeholder,
        describedBy: described,
        invalid,
        chosen: value?.selected_options ?? [],
        most: part.max_selected_items ?? 100,
        ask: (query) => (part.type === "multi_external_select" ? ask(part, query) : matching(part, query)),
        changed: (options) => changed(options.map((option) => option.value)),
      });
    case "external_select":
      return typeAhead({
        id,
        placeholder,
        describedBy: described,
        invalid,
        chosen: value?.selected_option ? [value.selected_option] : [],
        most: 1,
        ask: (query) => ask(part, query),
        changed: ([option]) => changed(option?.value ?? null),
      });
    default:
      return h("p", { class: "unknown" }, `[${part.type} is not drawn here]`);
  }
}

/** What is said about the chosen option stands below: beside its text it would be cut off on a phone. */
function menu(part, chosen, { common, placeholder, mayBeEmpty, one }) {
  const about = (value) => plainText(optionsOf(part).find((option) => option.value === value)?.description?.text ?? "");
  const said = h("small", { role: "status" }, about(chosen));
  const onchange = ({ target }) => {
    said.textContent = about(target.value);
    one(target.value);
  };
  // Slack lets a person clear what is optional.
  const empty = (mayBeEmpty || !chosen) && h("option", { value: "" }, placeholder ?? "Choose an option");
  return h("div", {}, h("select", { ...common, onchange }, empty, menuOptions(part, chosen, { isBrief: true })), said);
}

/** The names below it are those that the form has: a browser forgets its own when the field is drawn anew. */
function fileInput(part, files, common, attach) {
  const names = h("small", {}, files.map(({ name }) => name).join(", "));
  const onchange = async ({ target }) => {
    const chosen = [...target.files];
    await attach(chosen);
    names.textContent = chosen.map(({ name }) => name).join(", ");
  };
  return h("div", {}, h("input", { ...common, type: "file", multiple: part.max_files !== 1, onchange }), names);
}

/** What a menu offers, by its groups. `isBrief`: without what is said about an option, which stands behind its text. */
export function menuOptions(part, chosen, { isBrief = false } = {}) {
  const drawn = ({ text, value, description }) =>
    h(
      "option",
      { value, selected: value === chosen },
      plainText(text.text),
      !isBrief && description && [" – ", plainText(description.text)],
    );
  if (!part.option_groups) return part.options.map(drawn);
  return part.option_groups.map(({ label, options }) => h("optgroup", { label: label.text }, options.map(drawn)));
}

const optionsOf = (part) => [...(part.options ?? []), ...(part.option_groups ?? []).flatMap((group) => group.options)];
const matching = async (part, query) =>
  optionsOf(part).filter((option) => option.text.text.toLowerCase().includes(query.toLowerCase()));

const choice = (type, name, option, checked, onchange) =>
  h(
    "label",
    { class: "choice" },
    h("input", { type, name, value: option.value, checked, onchange }),
    h("span", {}, textObject(option.text), option.description && h("small", {}, textObject(option.description))),
  );
