import { h } from "./dom.js";
import { plainText, textObject } from "./mrkdwn.js";

/** Asks as an element's `confirm` object says; resolves with the answer. */
export function confirmed(confirm) {
  return new Promise((resolve) => {
    const end = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const dialog = h(
      "dialog",
      { class: "confirm", "aria-label": confirm.title.text, oncancel: () => end(false) },
      h("h2", {}, plainText(confirm.title.text)),
      h("p", {}, textObject(confirm.text)),
      h(
        "footer",
        {},
        h("button", { type: "button", class: "button", onclick: () => end(false) }, plainText(confirm.deny.text)),
        h(
          "button",
          { type: "button", class: `button ${confirm.style ?? "primary"}`, onclick: () => end(true) },
          plainText(confirm.confirm.text),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
