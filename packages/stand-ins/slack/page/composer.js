import { act } from "./calls.js";
import { h } from "./dom.js";
import { toast } from "./toast.js";

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
/** What is written and not sent, by place. */
const drafts = new Map();
let count = 0;

/** Where one writes: messages, mentions by `@name`, slash commands (not in threads, as in Slack). */
export function composer({ overview, channel, threadTs, label }) {
  const known = [...overview.people.map(({ id, name }) => [name, id]), [overview.app.name, overview.app.userId]];
  const place = `${channel}/${threadTs ?? ""}`;
  const listId = `hints-${++count}`;
  let offers = [];
  let active = 0;
  const hints = h("ul", {
    id: listId,
    class: "command-hints",
    role: "listbox",
    "aria-label": "Suggestions",
    hidden: true,
    // The focus stays where one writes.
    onmousedown: (event) => event.preventDefault(),
  });
  const box = h("textarea", {
    rows: 1,
    placeholder: label,
    value: drafts.get(place) ?? "",
    "aria-label": label,
    "aria-controls": listId,
    "aria-autocomplete": "list",
    oninput: () => {
      drafts.set(place, box.value);
      offers = fitting();
      active = 0;
      showHints();
    },
    onblur: hideHints,
    onkeydown: keyDown,
  });

  function fitting() {
    const before = box.value.slice(0, box.selectionStart);
    if (/^\/\S*$/.test(box.value) && !threadTs)
      return overview.commands
        .filter(({ command }) => command.startsWith(box.value))
        .map(({ command, usage, description }) => ({ text: command, usage, description, whole: `${command} ` }));
    const [, start, typed] = /^(.*(?:^|\s))@([\w-]*)$/s.exec(before) ?? [];
    if (typed === undefined) return [];
    const begun = known.filter(([name]) => name.toLowerCase().startsWith(typed.toLowerCase()));
    if (begun.some(([name]) => name.toLowerCase() === typed.toLowerCase())) return [];
    const rest = box.value.slice(before.length);
    return begun.map(([name]) => ({ text: `@${name}`, whole: `${start}@${name} ${rest}` }));
  }

  function showHints() {
    hints.replaceChildren(
      ...offers.map((offer, index) =>
        h(
          "li",
          {
            id: `${listId}-${index}`,
            role: "option",
            class: index === active ? "active" : "",
            "aria-selected": String(index === active),
            onmousedown: () => take(offer),
          },
          h("strong", {}, offer.text),
          offer.usage && ` ${offer.usage}`,
          offer.description && h("small", {}, offer.description),
        ),
      ),
    );
    hints.hidden = offers.length === 0;
    box.setAttribute("aria-activedescendant", hints.hidden ? "" : `${listId}-${active}`);
  }

  function hideHints() {
    offers = [];
    showHints();
  }

  function take(offer) {
    box.value = offer.whole;
    drafts.set(place, box.value);
    hideHints();
    box.focus();
  }

  function keyDown(event) {
    const choosing = offers.length > 0;
    if (event.isComposing) return;
    if (choosing && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      active = (active + (event.key === "ArrowDown" ? 1 : -1) + offers.length) % offers.length;
      showHints();
    } else if (choosing && event.key === "Escape") {
      event.stopPropagation();
      hideHints();
    } else if (choosing && (event.key === "Tab" || (event.key === "Enter" && offers[active].text !== box.value))) {
      event.preventDefault();
      take(offers[active]);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  }

  async function send() {
    const text = box.value.trim();
    if (text === "") return;
    const isCommand = text.startsWith("/");
    if (isCommand && threadTs) return toast("Slash commands do not work in threads: type it in the channel.");
    write("");
    hideHints();
    try {
      const answer = isCommand
        ? await act("command", { channel, line: text })
        : await act("say", { channel, text: withMentions(escaped(text)), ...(threadTs && { threadTs }) });
      if (answer?.error && !isCommand) toast(answer.error);
    } catch {
      if (box.value === "") write(text);
      toast("Not sent: the stack does not answer.");
    }
  }

  function write(text) {
    box.value = text;
    drafts.set(place, text);
  }

  const withMentions = (text) =>
    known.reduce(
      (said, [name, id]) => said.replace(new RegExp(`@${name.replace(/[^\w]/g, "\\$&")}(?!\\w)`, "gi"), `<@${id}>`),
      text,
    );

  return h(
    "form",
    {
      class: "composer",
      onsubmit: (event) => {
        event.preventDefault();
        send();
      },
    },
    hints,
    box,
    h("button", { type: "submit", class: "send", "aria-label": "Send" }, "➤"),
  );
}
