import { drawn } from "./blocks.js";
import { act, listen, read } from "./calls.js";
import { composer } from "./composer.js";
import { h } from "./dom.js";
import { intro } from "./intro.js";
import { handsOff, keepPlace } from "./live.js";
import "./menus.js";
import { messageNode } from "./message.js";
import { refreshModals } from "./modal.js";
import { learnNames, nameOf } from "./names.js";
import { redraw, withoutId } from "./redraw.js";
import { drawSidebar } from "./sidebar.js";
import { toast } from "./toast.js";

const main = document.querySelector("#conversation");
const aside = document.querySelector("#thread");

let overview;
let selected;
/** The thread that stands open: the ts of its first message. */
let thread;
let messages = [];
const unread = new Set();

const repliesTo = (ts) => messages.filter((message) => message.thread_ts === ts && message.ts !== ts);
const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;

async function learn() {
  overview = await read("overview");
  learnNames(overview);
}

async function refresh() {
  await learn();
  document.title = `${overview.team.name} – ${nameOf(overview.me)}`;
  selected ??= overview.channels[0].id;
  await Promise.all([loadSelected(), refreshModals()]);
}

/** A person came or went: nothing else is drawn anew. */
async function refreshSidebar() {
  await learn();
  drawSidebar({ overview, selected, unread, open });
}

async function open(id) {
  selected = id;
  thread = undefined;
  unread.delete(id);
  if (id === "home") await act("open-home");
  if (selected === id) await loadSelected();
}

async function loadSelected() {
  drawSidebar({ overview, selected, unread, open });
  if (selected === "home") return drawHome();
  const channel = selected;
  const found = await read("messages", { channel });
  // Meanwhile the person may have gone on.
  if (selected !== channel) return;
  messages = found;
  drawChannel();
}

const bar = (title, ...more) =>
  h(
    "header",
    { class: "bar" },
    h(
      "button",
      {
        type: "button",
        class: "burger",
        "aria-label": "Channels",
        onclick: () => document.body.classList.toggle("sidebar-open"),
      },
      "☰",
    ),
    h("h1", {}, title),
    ...more,
  );

const inHome = {
  drawnFrom: withoutId,
  draw: (block) =>
    drawn(block, async (part, value) => {
      const answer = await act("click", { where: "home", actionId: part.action_id, value });
      if (answer?.error) toast(answer.error);
    }),
};

async function drawHome() {
  const home = await read("home");
  if (selected !== "home") return;
  aside.hidden = true;
  const standing = main.querySelector(".home .blocks");
  if (home && standing) return keepPlace(standing, () => redraw(standing, home.blocks, inHome));
  const list = h("div", { class: "blocks" }, !home && h("p", { role: "status" }, "The app has not shown a home yet."));
  if (home) redraw(list, home.blocks, inHome);
  const heading = h("h2", { class: "visually-hidden" }, "Dashboard");
  main.replaceChildren(
    bar(`${overview.app.name} home`),
    h("div", { class: "scroll home", tabindex: "-1" }, heading, list),
  );
}

function drawChannel() {
  const { name, purpose, kind } = overview.channels.find(({ id }) => id === selected);
  const title = kind === "im" ? `${overview.app.name} messages` : `# ${name}`;
  const list = h("div", { class: "scroll", role: "log", tabindex: "-1", "aria-label": `Messages in ${title}` });
  const write = (text) => {
    const box = main.querySelector(".composer textarea");
    box.value = text;
    box.dispatchEvent(new Event("input"));
    box.focus();
  };
  list.append(
    intro({ title, purpose, overview, write }),
    ...messages.filter((message) => !isReply(message)).map(inChannel),
  );
  keepPlace(main, () =>
    main.replaceChildren(bar(title), list, composer({ overview, channel: selected, label: `Message ${title}` })),
  );
  list.scrollTop = list.scrollHeight;
  drawThread();
}

const inChannel = (message) => messageNode(message, { overview, replies: repliesTo(message.ts), openThread });
const inThread = (message) => messageNode(message, { overview });

function openThread(ts) {
  thread = ts;
  drawThread();
  // On a phone the keyboard would cover the thread.
  if (matchMedia("(min-width: 761px)").matches) aside.querySelector("textarea")?.focus();
  else aside.querySelector(".close")?.focus();
}

function closeThread() {
  const ts = thread;
  thread = undefined;
  drawThread();
  main.querySelector(`[data-ts="${ts}"] .replies`)?.focus();
}

function drawThread() {
  const root = messages.find(({ ts }) => ts === thread);
  aside.hidden = !root;
  if (!root) return aside.replaceChildren();
  const list = h("div", { class: "scroll", tabindex: "-1" }, inThread(root), h("hr"), repliesTo(thread).map(inThread));
  const heading = h(
    "header",
    { class: "bar" },
    h("h2", {}, "Thread"),
    h("button", { type: "button", class: "close", "aria-label": "Close thread", onclick: closeThread }, "×"),
  );
  const write = composer({ overview, channel: selected, threadTs: thread, label: "Reply…" });
  keepPlace(aside, () => aside.replaceChildren(heading, list, write));
  list.scrollTop = list.scrollHeight;
}

/** Puts one message where it belongs without drawing the rest anew: a half-written answer stays. */
function place(message, kind) {
  const others = messages.filter(({ ts }) => ts !== message.ts);
  messages = kind === "deleted" ? others : [...others, message].sort((a, b) => Number(a.ts) - Number(b.ts));
  if (isReply(message)) {
    put(aside.querySelector(".scroll"), message, kind, inThread, message.thread_ts === thread);
    const root = messages.find(({ ts }) => ts === message.thread_ts);
    if (root) put(main.querySelector(".scroll"), root, "updated", inChannel, true);
    return;
  }
  put(main.querySelector(".scroll"), message, kind, inChannel, true);
  if (message.ts === thread) put(aside.querySelector(".scroll"), message, kind, inThread, true);
}

function put(list, message, kind, draw, belongs) {
  if (!list || !belongs) return;
  const before = list.querySelector(`[data-ts="${message.ts}"]`);
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  if (kind === "deleted") before?.remove();
  else if (before) keepPlace(before, () => before.replaceWith(draw(message)));
  else list.append(draw(message));
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function onChange(change) {
  if (change === undefined) return refresh();
  if (change.kind === "channels") return refreshSidebar();
  if (change.kind === "modals") return refreshModals();
  if (change.kind === "home") return selected === "home" && drawHome();
  if (change.kind === "forgotten") return place({ ts: change.ts }, "deleted");
  if (change.channel !== selected) {
    if (unread.has(change.channel)) return;
    unread.add(change.channel);
    return drawSidebar({ overview, selected, unread, open });
  }
  place({ ...change.message, ...(change.kind === "ephemeral" && { ephemeral: true }) }, change.kind);
}

let turn = Promise.resolve();
listen((change) => {
  turn = turn
    .then(handsOff)
    .then(() => onChange(change))
    .catch((error) => toast(String(error)));
});
document.addEventListener("click", ({ target }) => {
  if (!target.closest(".sidebar, .burger")) document.body.classList.remove("sidebar-open");
});
aside.addEventListener("keydown", ({ key }) => key === "Escape" && closeThread());
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") document.body.classList.remove("sidebar-open");
});
