import { act } from "./calls.js";
import { h } from "./dom.js";
import { toast } from "./toast.js";

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Where one writes: messages, mentions by `@name`, slash commands (not in threads, as in Slack). */
export function composer({ overview, channel, threadTs, label }) {
  const known = [...overview.people.map(({ id, name }) => [name, id]), [overview.app.name, overview.app.userId]];
  const hints = h("ul", { class: "command-hints", hidden: true });
  const box = h("textarea", { rows: 1, placeholder: label, "aria-label": label, oninput: suggest, onkeydown: keyDown });

  function suggest() {
    const word = box.value.split("\n")[0];
    const fitting =
      threadTs || !word.startsWith("/") || word.includes(" ")
        ? []
        : overview.commands.filter(({ command }) => command.startsWith(word));
    hints.replaceChildren(
      ...fitting.map(({ command, usage, description }) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              onclick: () => {
                box.value = `${command} `;
                hints.hidden = true;
                box.focus();
              },
            },
            h("strong", {}, command),
            ` ${usage}`,
            h("small", {}, description),
          ),
        ),
      ),
    );
    hints.hidden = fitting.length === 0;
  }

  function keyDown(event) {
    if (event.key === "Escape") hints.hidden = true;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  }

  async function send() {
    const text = box.value.trim();
    if (text === "") return;
    box.value = "";
    hints.hidden = true;
    const answer =
      text.startsWith("/") && !threadTs
        ? await act("command", { channel, line: text })
        : await act("say", { channel, text: withMentions(escaped(text)), ...(threadTs && { threadTs }) });
    if (answer?.error && !text.startsWith("/")) toast(answer.error);
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
