import { html, raw } from "hono/html";

type Markup = ReturnType<typeof html>;

/** Most quotes within quotes. */
const MAX_DEPTH = 10;

/** The Markdown that pull requests here are written in; everything else stays text. HTML comments are not shown. */
export function markdown(text: string, depth = 0): Markup[] {
  const lines = text
    .replace(/\r\n?/g, "\n")
    .replace(/<!--.*?-->/gs, "")
    .split("\n");
  const blocks: Markup[] = [];
  /** Takes the lines that go on as the first one began. */
  const take = (goesOn: (line: string) => boolean) => {
    const taken = [lines.shift()!];
    while (lines.length > 0 && goesOn(lines[0]!)) taken.push(lines.shift()!);
    return taken;
  };
  while (lines.length > 0) {
    const line = lines[0]!;
    if (line.trim() === "") lines.shift();
    else if (/^ {0,3}(`{3,}|~{3,})/.test(line)) blocks.push(fence(lines));
    else if (/^ {0,3}(-{3,}|\*{3,}|_{3,})\s*$/.test(line)) blocks.push(rule(lines.shift()!));
    else if (/^#{1,6} /.test(line)) blocks.push(heading(lines.shift()!));
    else if (depth < MAX_DEPTH && /^ {0,3}>/.test(line)) {
      const quoted = take((next) => /^ {0,3}>/.test(next)).map((one) => one.replace(/^ {0,3}> ?/, ""));
      blocks.push(quote(quoted, depth + 1));
    } else if (depth < MAX_DEPTH && DETAILS.test(line)) blocks.push(details(lines, depth + 1));
    else if (/^ *[-*+] /.test(line)) {
      const items = take((next) => /^ *[-*+] |^ {2,}\S/.test(next));
      blocks.push(html`<ul>${items.map((item) => html`<li>${inline(item.replace(/^ *[-*+] /, ""))}</li>`)}</ul>`);
    } else if (line.startsWith("|") && /^\|?[\s:|-]+$/.test(lines[1] ?? ""))
      blocks.push(table(take((next) => next.startsWith("|"))));
    else
      blocks.push(
        html`<p>${inline(take((next) => next.trim() !== "" && !/^(#|>|\||`{3}|[-*+] )/.test(next)).join("\n"))}</p>`,
      );
  }
  return blocks;
}

/** https://docs.github.com/en/get-started/writing-on-github: a quote that begins with `[!WARNING]` is an alert. */
function quote(lines: string[], depth: number): Markup {
  const [, kind] = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*$/.exec(lines[0]!) ?? [];
  if (kind === undefined) return html`<blockquote>${markdown(lines.join("\n"), depth)}</blockquote>`;
  const name = kind[0]! + kind.slice(1).toLowerCase();
  return html`<div class="alert ${kind.toLowerCase()}"><strong>${name}</strong>${markdown(lines.slice(1).join("\n"), depth)}</div>`;
}

/** The one HTML that is more than text, in the one form in which our own pull requests use it. */
const DETAILS = /^<details><summary>([^<>]*)<\/summary>$/;

function details(lines: string[], depth: number): Markup {
  const [, summary = ""] = DETAILS.exec(lines.shift()!)!;
  const end = lines.indexOf("</details>");
  const inner = lines.splice(0, end < 0 ? lines.length : end);
  lines.shift();
  return html`<details><summary>${inline(summary)}</summary>${markdown(inner.join("\n"), depth)}</details>`;
}

const rule = (_: string) => html`<hr />`;
const heading = (line: string) => html`<h3>${inline(line.replace(/^#+ /, ""))}</h3>`;

function fence(lines: string[]): Markup {
  const [, mark = ""] = /^ {0,3}(`{3,}|~{3,})/.exec(lines.shift()!)!;
  const code: string[] = [];
  while (lines.length > 0 && !lines[0]!.trim().startsWith(mark)) code.push(lines.shift()!);
  lines.shift();
  return html`<pre><code>${code.join("\n")}</code></pre>`;
}

function table([head = "", , ...rows]: string[]): Markup {
  const cells = (row: string) =>
    row
      .replace(/^\||\|\s*$/g, "")
      .split(/(?<!\\)\|/)
      .map((cell) => inline(cell.trim().replaceAll("\\|", "|")));
  return html`<div class="wide" tabindex="0"><table><thead><tr>${cells(head).map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row).map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

const TOKEN =
  /`([^`]+)`|\*\*([^*]+)\*\*|(?<!\w)_([^_\n]+)_(?!\w)|\[([^\]\n]+)\]\(<?(https?:\/\/[^\s)<>]+)>?\)|\\([!-/:-@[-`{-~])|(\n)/g;

function inline(text: string): Markup {
  const parts: (Markup | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, code, bold, italic, label, url, literal] = match;
    parts.push(unescaped(text.slice(end, match.index)));
    end = match.index + whole.length;
    if (code !== undefined) parts.push(html`<code>${code}</code>`);
    else if (bold !== undefined) parts.push(html`<strong>${inline(bold)}</strong>`);
    else if (italic !== undefined) parts.push(html`<em>${inline(italic)}</em>`);
    else if (label !== undefined) parts.push(html`<a href="${url}" rel="noreferrer">${inline(label)}</a>`);
    else if (literal !== undefined) parts.push(literal);
    else parts.push(html`${raw("<br />")}`);
  }
  return html`${[...parts, unescaped(text.slice(end))].map((part) => html`${part}`)}`;
}

/** Entities that our own pull request texts use to keep words inert; `html` escapes the result again. */
const unescaped = (text: string) =>
  text.replace(/&(amp|lt|gt|quot|#(\d{1,7}));/g, (whole, name: string, code?: string) => {
    if (code !== undefined) return Number(code) <= 0x10ffff ? String.fromCodePoint(Number(code)) : whole;
    return { amp: "&", lt: "<", gt: ">", quot: '"' }[name]!;
  });
