export type Limits = { chars?: number; items?: number };

const CHARS = [/max(?:imum)?(?: length)?\b[^.]*?([\d,]+) characters/i, /limit ([\d,]+) characters/i];
const ITEMS = [
  /max(?:imum)?(?: number)? of (?:items|options|option groups) is (\d+)/i,
  /max(?:imum)?(?: of)?,? (\d+) (?:elements|items|options|blocks|cards|rows|slash commands|shortcuts|event types|scopes)/i,
  /a maximum of (\d+) (?:elements|items|options|slash commands|shortcuts|event types|scopes)/i,
  /up to (\d+) /i,
];

const known = new Map<string, Limits>();

/** What a comment of Slack's says about the length of a text, or of each text of a list, and about the length of a list. */
export function limitsIn(doc: string): Limits {
  const limits = known.get(doc) ?? read(doc);
  known.set(doc, limits);
  return limits;
}

function read(doc: string): Limits {
  const [chars, items] = [CHARS, ITEMS].map((patterns) => {
    const found = patterns.map((pattern) => pattern.exec(doc)?.[1]).find((one) => one !== undefined);
    return found === undefined ? undefined : Number(found.replaceAll(",", ""));
  });
  return { ...(chars !== undefined && { chars }), ...(items !== undefined && { items }) };
}
