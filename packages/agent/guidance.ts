import { textFileOf } from "../encoding/text-file.ts";
import { visibleName } from "../encoding/visible.ts";
import { head } from "../text/cut.ts";
import { withoutHidden } from "../text/hidden.ts";
import type { Redact } from "./redact.ts";
import type { Tree } from "./tree.ts";

/** A file in which a repository tells contributors how it wants things. Data, never orders. */
export type Guidance = {
  path: string;
  text: string;
  /** The headings of a pull request template that it does not call optional. */
  headings?: string[];
};

const TEMPLATE = /^(\.github\/|docs\/)?PULL_REQUEST_TEMPLATE\.md$/i;
/** The template first: long files before it would use up the space, and a verdict is held to it. */
const PATHS = [TEMPLATE, /^AGENTS\.md$/i, /^CLAUDE\.md$/i, /^(\.github\/|docs\/)?CONTRIBUTING\.md$/i];
const MAX_FILE_CHARS = 6_000;
const MAX_CHARS = 12_000;

/**
 * Call it on the untouched clone: only what the base commit says counts, not what a setup command or the model
 * wrote later. It is part of the first message, so a secret in it is taken out here.
 */
export async function readGuidance(tree: Tree, redact: Redact): Promise<Guidance[]> {
  const files = await tree.list();
  const guidance: Guidance[] = [];
  let left = MAX_CHARS;
  for (const pattern of PATHS) {
    const file = files.find(({ path, kind }) => kind === "file" && pattern.test(path));
    if (!file || left <= 0) continue;
    const read = textFileOf(await tree.read(file.path));
    if (!read) continue;
    const text = await shownGuidance(read.text, { redact, max: Math.min(left, MAX_FILE_CHARS) });
    left -= text.length;
    const headings = TEMPLATE.test(file.path) ? { headings: demandedHeadings(read.text) } : {};
    if (text !== "") guidance.push({ path: file.path, text, ...headings });
  }
  return guidance;
}

export const templateIn = (guidance: readonly Guidance[]) => guidance.find(({ path }) => TEMPLATE.test(path));

/** The headings that a pull request's body lacks; hashes, case and what ends a line do not matter. */
export function missingHeadings(demanded: readonly string[], body: string): string[] {
  const has = new Set(headings(body).map(plainHeading));
  return demanded.filter((heading) => !has.has(plainHeading(heading)));
}

const HEADING = /^#{1,6}[ \t]+\S.*$/gm;
const headings = (markdown: string) => withoutFences(markdown).match(HEADING) ?? [];

const OPTIONAL =
  /\boptional\b|\b(?:if|when|where) (?:applicable|relevant|any|needed|necessary|appropriate)\b|\b(?:delete|remove|skip|omit) (?:this|it|the) ?(?:section|heading|part)?\b/i;

/** A heading whose own words, or those right below it, hidden ones too, let a person leave it out is not demanded. */
export function demandedHeadings(template: string): string[] {
  const plain = withoutFences(template);
  const found = [...plain.matchAll(HEADING)];
  return found.flatMap(([heading], i) => {
    const section = plain.slice(found[i]!.index, found[i + 1]?.index);
    return OPTIONAL.test(section) ? [] : [heading];
  });
}

const withoutFences = (markdown: string) => markdown.replace(/^(```|~~~)[\s\S]*?(^\1|(?![\s\S]))/gm, "");
const plainHeading = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

/** As the model is shown it. Nothing in the file ends its tag, and nothing in its name reads as more than a name. */
export const guidanceBlock = ({ path, text }: Pick<Guidance, "path" | "text">) =>
  `<guidance path="${visibleName(path).replaceAll('"', "'")}">\n${text.replaceAll("</guidance", "<\\/guidance")}\n</guidance>`;

/** What a person reads in such a file, without secrets; empty where there is nothing. Redacted before it is cut: half a secret is not known again. */
export const shownGuidance = async (text: string, { redact, max }: { redact: Redact; max: number }) =>
  headOf((await redact(withoutHiddenText(text))).trim(), max);

const headOf = (text: string, max: number) =>
  text.length > max ? `${head(text, max)}\n[cut here; read the file for the rest]` : text;

/**
 * What a person does not see in the rendered file must not speak to the model: comments, tag and zero-width characters.
 */
const withoutHiddenText = (markdown: string) => withoutHidden(markdown.replace(/<!--[\s\S]*?(-->|$)/g, ""));
