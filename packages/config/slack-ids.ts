/** Ids, as Slack shows them in a profile and in the details of a channel: a name in their place would be the id of none. */
const USER = /^[UW][A-Z0-9]+$/;
const CHANNEL = /^[CG][A-Z0-9]+$/;

export const isSlackUser = (id: string) => USER.test(id);

/** Between commas or spaces. @throws Error that says which entries cannot be read, by their places. */
export const parseSlackUsers = (text: string) => idsIn(text, USER, "Slack user ids (U012AB3CD)");
export const parseSlackChannels = (text: string) => idsIn(text, CHANNEL, "Slack channel ids (C012AB3CD)");

function idsIn(text: string, pattern: RegExp, what: string): string[] {
  const ids = text.split(/[\s,]+/).filter(Boolean);
  const wrong = ids.flatMap((id, index) => (pattern.test(id) ? [] : [index + 1]));
  if (wrong.length > 0) throw new Error(`must list ${what}, with commas between; not so: entry ${wrong.join(", ")}`);
  return ids;
}
