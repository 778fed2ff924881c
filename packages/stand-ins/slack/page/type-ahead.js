import { h } from "./dom.js";
import { plainText } from "./mrkdwn.js";

const PAUSE_MS = 120;
/** px: of the list, and what stays free at the edge of the window. */
const MOST_HIGH = 220;
const MARGIN = 8;
/** What scrolls is the form around it. */
const MOVES = ["scroll", "resize"];
const FROM_ANY = { capture: true, passive: true };
let count = 0;

/**
 * A menu whose options come from the app as one types. `most` 1: a single choice. `ask(query)` resolves with options;
 * `changed(options)` hears every choice.
 */
export function typeAhead({ id, placeholder, chosen, most, ask, changed, describedBy, invalid }) {
  let offers = [];
  let active = -1;
  let timer;
  let asked = 0;
  const listId = `offers-${++count}`;
  const chips = h("span", { class: "chips" });
  const list = h("ul", {
    id: listId,
    role: "listbox",
    "aria-label": "Suggestions",
    // In the browser's top layer: no dialog, however small, cuts it off.
    popover: "manual",
    // The focus stays where one writes.
    onmousedown: (event) => event.preventDefault(),
  });
  const input = h("input", {
    id,
    type: "text",
    role: "combobox",
    autocomplete: "off",
    "aria-invalid": invalid,
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    "aria-describedby": describedBy,
    oninput: () => search(PAUSE_MS),
    onfocus: () => search(0),
    onblur: close,
    onkeydown: keyDown,
  });

  function search(pauseMs) {
    clearTimeout(timer);
    // Enter must not take an offer for what was typed before, not even one that still comes.
    const turn = ++asked;
    offers = [];
    active = -1;
    show("Searching…");
    timer = setTimeout(async () => {
      const found = await ask(input.value);
      if (turn !== asked || document.activeElement !== input) return;
      offers = (Array.isArray(found) ? found : []).filter(
        (option) => !chosen.some(({ value }) => value === option.value),
      );
      active = offers.length > 0 ? 0 : -1;
      show();
    }, pauseMs);
  }

  function show(nothing = "No results") {
    list.replaceChildren(...(offers.length === 0 ? [h("li", { class: "nothing" }, nothing)] : offers.map(offer)));
    if (!isOpen()) list.showPopover();
    for (const event of MOVES) addEventListener(event, place, FROM_ANY);
    place();
    input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-activedescendant", active >= 0 ? `${listId}-${active}` : "");
    list.querySelector(".active")?.scrollIntoView({ block: "nearest" });
  }

  const isOpen = () => list.matches(":popover-open");

  /** Below the field, or above it where there is more room. */
  function place() {
    const { left, top, bottom, width } = input.parentElement.getBoundingClientRect();
    const below = innerHeight - bottom - MARGIN;
    const isBelow = below >= Math.min(list.scrollHeight, MOST_HIGH) || below >= top - MARGIN;
    const room = Math.min(MOST_HIGH, isBelow ? below : top - MARGIN);
    Object.assign(list.style, {
      left: `${left}px`,
      width: `${width}px`,
      maxHeight: `${room}px`,
      top: isBelow ? `${bottom + 2}px` : "auto",
      bottom: isBelow ? "auto" : `${innerHeight - top + 2}px`,
    });
  }

  const offer = (option, index) =>
    h(
      "li",
      {
        id: `${listId}-${index}`,
        role: "option",
        class: index === active ? "active" : "",
        "aria-selected": String(index === active),
        "data-value": option.value,
        onmousedown: () => take(option),
      },
      plainText(option.text.text),
      option.description && h("small", {}, plainText(option.description.text)),
    );

  function take(option) {
    chosen = most === 1 ? [option] : [...chosen, option].slice(0, most);
    input.value = "";
    close();
    draw();
    changed(chosen);
    input.focus();
  }

  function drop(option) {
    chosen = chosen.filter(({ value }) => value !== option.value);
    draw();
    changed(chosen);
    input.focus();
  }

  function close() {
    clearTimeout(timer);
    asked++;
    for (const event of MOVES) removeEventListener(event, place, FROM_ANY);
    if (isOpen()) list.hidePopover();
    input.setAttribute("aria-expanded", "false");
  }

  function keyDown(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen()) return search(0);
      if (offers.length === 0) return;
      active = (active + (event.key === "ArrowDown" ? 1 : -1) + offers.length) % offers.length;
      show();
    } else if (event.key === "Enter" && isOpen() && offers[active]) {
      event.preventDefault();
      take(offers[active]);
    } else if (event.key === "Enter") event.preventDefault();
    else if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Backspace" && input.value === "" && chosen.length > 0) drop(chosen.at(-1));
  }

  function draw() {
    chips.replaceChildren(
      ...chosen.map((option) =>
        h(
          "span",
          { class: "chip", "data-value": option.value },
          plainText(option.text.text),
          h("button", { type: "button", "aria-label": `Remove ${option.text.text}`, onclick: () => drop(option) }, "×"),
        ),
      ),
    );
    input.hidden = chosen.length >= most && most > 1;
    input.placeholder = chosen.length === 0 ? (placeholder ?? "") : "";
  }

  draw();
  return h(
    "div",
    { class: "type-ahead", onclick: ({ target, currentTarget }) => target === currentTarget && input.focus() },
    chips,
    input,
    list,
  );
}
