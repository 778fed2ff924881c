import { lintSource } from "@secretlint/core";
import { secretLintProfiler } from "@secretlint/profiler";
import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import { base64Runs, textInBase64 } from "./base64.ts";
import { privateKeys } from "./private-keys.ts";
import { ADDED_RULES } from "./rules.ts";
import { wordsApart } from "./word-starts.ts";

/** Where a secret stands: `[start, end)` in characters. `rule` is a few words for people, never the secret. */
export type FoundSecret = { rule: string; start: number; end: number };

/**
 * Without the rule that lets a patch switch its own check off by a comment `secretlint-disable`. Secretlint 13.0.7
 * does not heed `disabled` for a rule inside a preset, so the preset's rules are taken one by one.
 */
const config = {
  rules: rules
    .filter(({ meta }) => meta.id !== "@secretlint/secretlint-rule-filter-comments")
    .map((rule) => ({ id: rule.meta.id, rule })),
};

// Its profiler leaves a hundred performance marks a text for as long as the process lives.
secretLintProfiler.setEnabled(false);

/** Base64 in base64 in base64 is not looked into. */
const MAX_DEPTH = 2;
/** None of secretlint's rules needs a shorter text. */
const MIN_CHARS = 16;

/** Everything in a text that looks like a secret, also behind base64, in the order of its place. */
export async function findSecrets(text: string, depth = 0): Promise<FoundSecret[]> {
  if (text.length < MIN_CHARS) return [];
  const apart = wordsApart(text);
  const [asItIs, inParts] = await Promise.all([findPlain(text, text), apart === text ? [] : findPlain(text, apart)]);
  const keys = privateKeys(text).map((place) => ({ rule: "private key", ...place }));
  const encoded = depth < MAX_DEPTH ? await findEncoded(text, depth) : [];
  return [...keys, ...asItIs, ...inParts, ...encoded].toSorted((a, b) => a.start - b.start || b.end - a.end);
}

/** `seen`: the text as the rules look at it, with the same places. */
async function findPlain(text: string, seen: string): Promise<FoundSecret[]> {
  const { messages } = await lintSource({
    // No rule goes by the file's name but npm's, and rules.ts has those for every file.
    source: { content: seen, filePath: "text.txt", contentType: "text" },
    options: { config, noPhysicFilePath: true },
  });
  const values = new Set<string>();
  const linted = messages.flatMap(({ ruleId, data, range: [start, end] }) => {
    const rule = ruleId.replace(/^.*secretlint-rule-/, "");
    // Some rules report a range beside the value, so the value itself counts, once for all its places.
    const value = longestIn(data);
    if (values.has(value)) return [];
    const places = placesOf(text, value);
    if (places.length === 0) return [{ rule, start, end }];
    values.add(value);
    return places.map((place) => ({ rule, ...place }));
  });
  const added = ADDED_RULES.flatMap(({ name, pattern }) =>
    [...seen.matchAll(pattern)].map(({ index, ...match }) => {
      const value = match[1] ?? match[0];
      const start = index + match[0].lastIndexOf(value);
      return { rule: name, start, end: start + value.length };
    }),
  );
  return [...added, ...linted];
}

async function findEncoded(text: string, depth: number): Promise<FoundSecret[]> {
  const findings: FoundSecret[] = [];
  for (const { run, start, end } of base64Runs(text)) {
    const decoded = textInBase64(run);
    const [first] = decoded === undefined ? [] : await findSecrets(decoded, depth + 1);
    if (first) findings.push({ rule: `${first.rule} in base64`, start, end });
  }
  return findings;
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
