import { blocks } from "./blocks.js";
import { act } from "./calls.js";
import { h } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { nameOf } from "./names.js";
import { toast } from "./toast.js";

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
/** Made once: a card that works is drawn again and again. */
const TODAY = new Intl.DateTimeFormat("en", CLOCK);
const BEFORE = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", ...CLOCK });

function time(ts) {
  const at = new Date(Number(ts) * 1_000);
  return (at.toDateString() === new Date().toDateString() ? TODAY : BEFORE).format(at);
}

/** One message with its buttons. `replies` absent: it stands in a thread already. */
export function messageNode(message, { overview, replies, openThread }) {
  const use = async (part, value) => {
    const answer = await act("click", { where: "message", ts: message.ts, actionId: part.action_id, value });
    if (answer?.error) toast(answer.error);
  };
  const fromApp = message.bot_id !== undefined;
  const name = nameOf(message.user);
  return h(
    "article",
    {
      class: `message ${message.ephemeral ? "ephemeral" : ""}`,
      "data-ts": message.ts,
      "aria-label": `${name}: ${message.text.slice(0, 80)}`,
    },
    h(
      "span",
      {
        class: `avatar ${fromApp ? "app" : `person-${overview.people.findIndex(({ id }) => id === message.user) % 4}`}`,
        "aria-hidden": "true",
      },
      name.slice(0, 1).toUpperCase(),
    ),
    h(
      "div",
      { class: "body" },
      message.ephemeral && h("p", { class: "only-you" }, "Only visible to you"),
      h(
        "header",
        {},
        h("strong", {}, name),
        fromApp && h("span", { class: "badge" }, "APP"),
        h("time", {}, time(message.ts)),
      ),
      message.blocks
        ? blocks(message.blocks, use)
        : h("div", { class: "text" }, mrkdwn(message.text), message.edited && h("small", {}, " (edited)")),
      message.agent_session && session(message),
      openThread && !message.ephemeral && threadLink(message, replies, openThread),
    ),
    openThread && !message.ephemeral && more(message, overview, openThread),
  );
}

const SESSIONS = {
  processing: "is working",
  suspended: "waits for a person",
  active: "has answered",
  closed: "is done",
};

/** How the agent of this thread stands, with Slack's own stop button while it works. */
function session({ ts, user, agent_session: { status } }) {
  const stop = async () => {
    const answer = await act("stop-session", { ts });
    if (answer?.error) toast(answer.error);
  };
  return h(
    "p",
    { class: "session" },
    h("small", {}, `${nameOf(user)} ${SESSIONS[status]}`),
    status === "processing" && h("button", { type: "button", class: "button stop", onclick: stop }, "Stop"),
  );
}

function threadLink(message, replies, openThread) {
  if (replies.length === 0) return undefined;
  const text = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  const open = { type: "button", class: "replies", onclick: () => openThread(message.ts) };
  return h("button", open, text, " ", h("small", {}, `last at ${time(replies.at(-1).ts)}`));
}

function more(message, overview, openThread) {
  const run = async (shortcut) => {
    menu.open = false;
    const answer = await act("shortcut", { ts: message.ts, callbackId: shortcut.callback_id });
    if (answer?.error) toast(answer.error);
  };
  const menu = h(
    "details",
    { class: "menu message-menu" },
    h("summary", { "aria-label": "More actions on this message" }, "⋯"),
    h(
      "div",
      { role: "menu" },
      h(
        "button",
        {
          type: "button",
          role: "menuitem",
          onclick: () => {
            menu.open = false;
            openThread(message.ts);
          },
        },
        "Reply in thread",
      ),
      overview.shortcuts.map((shortcut) =>
        h(
          "button",
          { type: "button", role: "menuitem", onclick: () => run(shortcut) },
          shortcut.name,
          h("small", {}, overview.app.name),
        ),
      ),
    ),
  );
  return menu;
}
