import { h, hidden, link } from "./dom.js";
import { plainText } from "./mrkdwn.js";
import { richText } from "./rich-text.js";

const STATUS = {
  pending: ["○", "waiting"],
  in_progress: ["", "in progress"],
  complete: ["✓", "complete"],
  error: ["✕", "failed"],
};

/** A `plan` block: a title and its tasks. Always open, whereas Slack folds it up at every update. */
export const plan = (block) =>
  h(
    "div",
    { class: "plan", role: "group", "aria-label": block.title },
    h("h4", {}, plainText(block.title)),
    h(
      "ol",
      {},
      (block.tasks ?? []).map((task) => h("li", {}, taskCard(task))),
    ),
  );

export function taskCard(task) {
  const status = task.status ?? "pending";
  const [sign, word] = STATUS[status];
  return h(
    "div",
    { class: `task ${status}`, "data-task": task.task_id },
    h("span", { class: "sign", "aria-hidden": "true" }, sign),
    h(
      "div",
      {},
      h("div", { class: "title" }, plainText(task.title), hidden(` (${word})`)),
      task.details && h("div", { class: "details" }, richText(task.details)),
      task.output && h("div", { class: "output" }, richText(task.output)),
      task.sources?.length > 0 &&
        h(
          "div",
          { class: "sources" },
          task.sources.map((source) => link(source.url, source.text)),
        ),
    ),
  );
}
