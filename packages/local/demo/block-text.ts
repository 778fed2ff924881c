/** Slack blocks as lines for a terminal: what a reader sees, buttons in [brackets]. */
type Block = { type: string } & Record<string, unknown>;

export const TASK_MARK: Record<string, string> = { pending: "·", in_progress: "▸", complete: "✓", error: "✗" };

export const blockLines = (blocks: readonly Block[]): string[] =>
  blocks.flatMap(linesOf).flatMap((line) => line.split("\n"));

function linesOf(block: Block): string[] {
  switch (block.type) {
    case "header":
    case "section":
      return [textOf(block.text), ...listOf(block.fields).map(textOf)].filter(Boolean);
    case "context":
      return [listOf(block.elements).map(textOf).join("  ")];
    case "actions":
      return [
        listOf(block.elements)
          .map((element) => `[${textOf((element as Block).text ?? (element as Block).placeholder)}]`)
          .join(" "),
      ];
    case "divider":
      return ["─".repeat(40)];
    case "plan":
      return [textOf(block.title), ...listOf(block.tasks).flatMap((task) => taskLines(task as Block))];
    case "rich_text":
      return [textOf(block)];
    default:
      return [`(${block.type})`];
  }
}

function taskLines(task: Block): string[] {
  const mark = TASK_MARK[String(task.status)] ?? "?";
  const details = [task.details, task.output].map(textOf).filter(Boolean);
  const sources = listOf(task.sources).map((source) => String((source as Block).url));
  return [
    `  ${mark} ${textOf(task.title)}`,
    ...details.flatMap((text) => text.split("\n")).map((line) => `      ${line}`),
    ...sources.map((url) => `      ${url}`),
  ];
}

/** Text of a text object, a rich text tree or a plain string; Slack's own escapes are undone. */
function textOf(node: unknown): string {
  if (typeof node === "string") return plainOf(node);
  if (node === null || typeof node !== "object") return "";
  const { text, elements, url, type } = node as { text?: unknown; elements?: unknown[]; url?: unknown; type?: unknown };
  if (type === "link" && text === undefined) return textOf(url);
  if (text !== undefined) return textOf(text);
  return listOf(elements)
    .map(textOf)
    .join(type === "rich_text" || type === "rich_text_list" ? "\n" : "");
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** mrkdwn without its marks: dates by their fallback, people by their id, escapes undone. */
const plainOf = (text: string) =>
  text
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, "$1")
    .replace(/<@(\w+)>/g, "@$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
