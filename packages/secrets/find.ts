import { lintSource } from "@secretlint/core";
import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import { ADDED_RULES } from "./rules.ts";

/** Where a secret stands: `[start, end)` in characters. `rule` is a few words for people, never the secret. */
export type Finding = { rule: string; start: number; end: number };

/**
 * Without the rule that lets a patch switch its own check off by a comment `secretlint-disable`. Secretlint 13.0.7
 * does not heed `disabled` for a rule inside a preset, so the preset's rules are taken one by one.
 */
const config = {
  rules: rules
    .filter(({ meta }) => meta.id !== "@secretlint/secretlint-rule-filter-comments")
    .map((rule) => ({ id: rule.meta.id, rule })),
};

/** Base64 in base64 in base64 is not looked into. */
const MAX_DEPTH = 2;
const BASE64_RUN = /(?:[A-Za-z0-9+/_-]{40,}(?:\r?\n[ \t]*)?)+[A-Za-z0-9+/_-]*={0,2}|[A-Za-z0-9+/_-]{24,}={0,2}/g;

/** Everything in a text that looks like a secret, also behind base64, in the order of its place. */
export async function findSecrets(text: string, path = "text.txt", depth = 0): Promise<Finding[]> {
  const { messages } = await lintSource({
    source: { content: text, filePath: path, contentType: "text" },
    options: { config, noPhysicFilePath: true },
  });
  const linted = messages.flatMap(({ ruleId, data, range: [start, end] }) => {
    const rule = ruleId.replace(/^.*secretlint-rule-/, "");
    // Some rules report a range beside the value, so the value itself counts.
    const places = placesOf(text, longestIn(data));
    return (places.length > 0 ? places : [{ start, end }]).map((place) => ({ rule, ...place }));
  });
  const added = ADDED_RULES.flatMap(({ name, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({
      rule: name,
      start: match.index,
      end: match.index + match[0].length,
    })),
  );
  const encoded = depth < MAX_DEPTH ? await findEncoded(text, path, depth) : [];
  return [...added, ...linted, ...encoded].toSorted((a, b) => a.start - b.start || b.end - a.end);
}

async function findEncoded(text: string, path: string, depth: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const run of text.matchAll(BASE64_RUN)) {
    const decoded = textIn(run[0]);
    const [first] = decoded === undefined ? [] : await findSecrets(decoded, path, depth + 1);
    if (first) findings.push({ rule: `${first.rule} in base64`, start: run.index, end: run.index + run[0].length });
  }
  return findings;
}

/** undefined: bytes, hashes and words that only look like base64. */
function textIn(run: string): string | undefined {
  const decoded = Buffer.from(run.replace(/\s/g, ""), "base64").toString("utf8");
  return /^[\t\r\n\x20-\x7e]{16,}$/.test(decoded) ? decoded : undefined;
}

function placesOf(text: string, value: string) {
  const places: { start: number; end: number }[] = [];
  if (value.length < 8) return places;
  for (let start = text.indexOf(value); start >= 0; start = text.indexOf(value, start + value.length))
    places.push({ start, end: start + value.length });
  return places;
}

const longestIn = (data: object | undefined) =>
  Object.values(data ?? {})
    .filter((value): value is string => typeof value === "string")
    .reduce((longest, value) => (value.length > longest.length ? value : longest), "");
