import { drawn } from "./blocks.js";
import { act, read } from "./calls.js";
import { h } from "./dom.js";
import { field, forgive } from "./field.js";
import { keepPlace } from "./live.js";
import { plainText } from "./mrkdwn.js";
import { redraw, withoutId } from "./redraw.js";
import { toast } from "./toast.js";

let shown;
let errors = {};
/** What is typed and not sent yet, by block; sent one after the other. */
let unsent = {};
let sending = Promise.resolve();
/** Files on their way: a submit waits for them. */
let uploading = Promise.resolve();

const holder = document.querySelector("#modals");

/** Shows the top of this person's stack of modals; draws only what the app changed, around what is being typed. */
export async function refreshModals() {
  const stack = await read("modals");
  const view = stack.at(-1);
  if (view?.id === shown?.id && view?.hash === shown?.hash) return;
  if (view?.id !== shown?.id) {
    errors = {};
    unsent = {};
  }
  shown = view;
  draw();
}

function send() {
  const view = shown?.id;
  const fillings = unsent;
  unsent = {};
  if (Object.keys(fillings).length > 0)
    sending = sending.then(async () => {
      const answer = await act("fill", { view, fillings });
      if (answer.error) toast(answer.error);
    });
  return sending;
}

function changed(block, filling, node) {
  unsent[block.block_id] = filling;
  if (errors[block.block_id]) {
    delete errors[block.block_id];
    forgive(node);
    node.drawnFrom = drawnFrom(block);
  }
  const typed = /(?:text|number)_input$/.test(block.element.type) || block.element.type === "plain_text_input";
  if (!typed || block.dispatch_action) send();
}

async function use(part, value) {
  const view = shown.id;
  await send();
  const answer = await act("click", { where: "modal", view, actionId: part.action_id, value });
  if (answer.error) toast(answer.error);
}

async function submit(event) {
  event.preventDefault();
  const button = event.submitter ?? holder.querySelector("button[type=submit]");
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  const view = shown.id;
  await uploading;
  await send();
  const answer = await act("submit", { view });
  button.removeAttribute("aria-busy");
  errors = answer.errors ?? {};
  if (answer.error) toast(answer.error);
  if (answer.errors) {
    shown = (await read("modals")).at(-1);
    draw();
    const wrong = holder.querySelector(".wrong");
    wrong?.querySelector("input, textarea, select")?.focus();
    // The error stands below the input.
    wrong?.scrollIntoView({ block: "nearest" });
  }
}

const close = () => act("close", { view: shown.id });

/** An open menu takes the press for itself. */
function onKey({ key, currentTarget }) {
  if (key === "Escape" && !currentTarget.querySelector("details.menu[open]")) close();
}

function draw() {
  const before = holder.querySelector("dialog");
  if (before && before.dataset.view === shown?.id) return drawAnew(before);
  before?.close();
  holder.replaceChildren();
  if (!shown) return;
  const fields = h("div", { class: "fields-of-modal", tabindex: "-1", autofocus: !asksForFocus() });
  redraw(fields, shown.blocks, LOOKS);
  const dialog = h(
    "dialog",
    {
      class: "modal",
      "aria-label": shown.title.text,
      "data-view": shown.id,
      // It is the workspace that closes it: a second Escape would close it here alone, whatever a listener says.
      closedby: "none",
      oncancel: (event) => event.preventDefault(),
      onkeydown: onKey,
    },
    h("form", { onsubmit: submit, novalidate: true }, keeping(headOf(), head), fields, keeping(footOf(), foot)),
  );
  holder.append(dialog);
  dialog.showModal();
}

function drawAnew(dialog) {
  const [header, fields, footer] = dialog.querySelector("form").children;
  keepPlace(dialog, () => {
    dialog.setAttribute("aria-label", shown.title.text);
    // A button that is replaced under a finger loses its tap.
    if (header.drawnFrom !== headOf()) header.replaceWith(keeping(headOf(), head));
    if (footer.drawnFrom !== footOf()) footer.replaceWith(keeping(footOf(), foot));
    if (redraw(fields, shown.blocks, LOOKS)) fields.scrollTop = 0;
  });
  if (!dialog.contains(document.activeElement)) dialog.querySelector(".fields-of-modal").focus();
}

/** Without a field that asks for it, the focus is on the text, and not on the first button, which is Close. */
const asksForFocus = () => shown.blocks.some(({ element }) => element?.focus_on_load);

const headOf = () => JSON.stringify(shown.title);
const footOf = () => JSON.stringify([shown.close, shown.submit]);
const keeping = (drawnFrom, draw) => Object.assign(draw(), { drawnFrom });

const upload = async (file) => (await act("upload", { file: { name: file.name, base64: await base64Of(file) } })).id;

const base64Of = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });

const head = () =>
  h(
    "header",
    {},
    h("h2", {}, plainText(shown.title.text)),
    h("button", { type: "button", class: "close", "aria-label": "Close", onclick: close }, "×"),
  );

const foot = () =>
  h(
    "footer",
    {},
    h(
      "button",
      { type: "button", class: "button", onclick: close },
      plainText(shown.close?.text ?? (shown.submit ? "Cancel" : "Close")),
    ),
    shown.submit && h("button", { type: "submit", class: "button primary" }, plainText(shown.submit.text)),
  );

const drawnFrom = (block) =>
  block.type === "input" ? JSON.stringify([block, errors[block.block_id]]) : withoutId(block);
const LOOKS = { drawnFrom, draw: (block) => (block.type === "input" ? input(block) : drawn(block, use)) };

function input(block) {
  const value = shown.state.values[block.block_id]?.[block.element.action_id];
  const typed = unsent[block.block_id];
  const now = typeof typed === "string" && "value" in (value ?? {}) ? { ...value, value: typed } : value;
  const node = field(block, now, errors[block.block_id], {
    changed: (filling) => changed(block, filling, node),
    attach: (files) => {
      uploading = Promise.all(files.map(upload)).then((ids) => changed(block, ids, node));
      return uploading;
    },
    ask: (part, query) => act("suggest", { view: shown.id, actionId: part.action_id, query }),
  });
  return node;
}
