import { drawn } from "./blocks.js";
import { act, read } from "./calls.js";
import { h } from "./dom.js";
import { field } from "./field.js";
import { plainText } from "./mrkdwn.js";
import { toast } from "./toast.js";

let shown;
let errors = {};
/** What is typed and not sent yet, by block; sent one after the other. */
let unsent = {};
let sending = Promise.resolve();

const holder = document.querySelector("#modals");

/** Shows the top of this person's stack of modals; draws anew only when the app changed the view. */
export async function refreshModals() {
  const stack = await read("modals");
  const view = stack.at(-1);
  if (view?.id === shown?.id && view?.hash === shown?.hash) return;
  if (view?.id !== shown?.id) errors = {};
  shown = view;
  unsent = {};
  draw();
}

function send() {
  const fillings = unsent;
  unsent = {};
  if (Object.keys(fillings).length > 0)
    sending = sending.then(async () => {
      const answer = await act("fill", { fillings });
      if (answer.error) toast(answer.error);
    });
  return sending;
}

function changed(block, filling) {
  unsent[block.block_id] = filling;
  const typed = block.element.type.endsWith("_input") || block.element.type === "plain_text_input";
  if (!typed || block.dispatch_action) send();
}

async function use(part, value) {
  await send();
  const answer = await act("click", { where: "modal", actionId: part.action_id, value });
  if (answer.error) toast(answer.error);
}

async function submit(event) {
  event.preventDefault();
  const button = event.submitter ?? holder.querySelector("button[type=submit]");
  button.setAttribute("aria-busy", "true");
  await send();
  const answer = await act("submit");
  button.removeAttribute("aria-busy");
  errors = answer.errors ?? {};
  if (answer.error) toast(answer.error);
  if (answer.errors) {
    const [view] = (await read("modals")).slice(-1);
    shown = view;
    draw();
    holder.querySelector(".wrong input, .wrong textarea, .wrong select")?.focus();
  }
}

async function close(event) {
  event?.preventDefault();
  await act("close");
}

function draw() {
  holder.querySelector("dialog")?.close();
  holder.replaceChildren();
  if (!shown) return;
  const scroll = h("div", { class: "fields-of-modal" }, shown.blocks.map(blockOf));
  const dialog = h(
    "dialog",
    { class: "modal", "aria-label": shown.title.text, oncancel: close },
    h(
      "form",
      { onsubmit: submit, novalidate: true },
      h(
        "header",
        {},
        h("h2", {}, plainText(shown.title.text)),
        h("button", { type: "button", class: "close", "aria-label": "Close", onclick: close }, "×"),
      ),
      scroll,
      h(
        "footer",
        {},
        h(
          "button",
          { type: "button", class: "button", onclick: close },
          plainText(shown.close?.text ?? (shown.submit ? "Cancel" : "Close")),
        ),
        shown.submit && h("button", { type: "submit", class: "button primary" }, plainText(shown.submit.text)),
      ),
    ),
  );
  holder.append(dialog);
  dialog.showModal();
}

function blockOf(block) {
  if (block.type !== "input") return drawn(block, use);
  const value = shown.state.values[block.block_id]?.[block.element.action_id];
  return field(block, value, errors[block.block_id], {
    changed: (filling) => changed(block, filling),
    ask: (part, query) => act("suggest", { actionId: part.action_id, query }),
  });
}
