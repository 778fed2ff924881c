import { h } from "./dom.js";

/** What stands above the first message of a channel: how to begin, for a newcomer. */
export function intro({ title, purpose, overview, write }) {
  const [first] = overview.commands;
  return h(
    "section",
    { class: "intro", "aria-label": "How to begin" },
    h("h2", {}, title),
    h("p", {}, purpose ?? `This is where ${title} begins.`, " ", first && "Type this command, or choose it:"),
    first && h("button", { type: "button", class: "button", onclick: () => write(`${first.command} `) }, first.command),
    h(
      "p",
      { class: "hint" },
      "A stand-in for Slack on this machine. “You are”, below the channels, switches between people.",
    ),
  );
}
