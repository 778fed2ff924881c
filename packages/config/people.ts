import { readFileSync } from "node:fs";
import { isSlackUser } from "./slack-ids.ts";

/** GitHub logins by Slack user id. */
export type People = Record<string, string>;

const MUST = 'must map Slack user ids to GitHub logins, {"U012AB3CD":"octocat"}, or name a JSON file that does';

/** JSON, or the path of a file that holds it. @throws Error without any of its content. */
export function parsePeople(setting: string): People {
  const entries = Object.entries(read(setting));
  const wrong = entries.findIndex(([id, login]) => !isSlackUser(id) || !isLogin(login));
  if (wrong >= 0) throw new Error(`${MUST}; entry ${wrong + 1} does not`);
  return Object.fromEntries(entries) as People;
}

/** A file's path means nothing to a function on AWS. */
export const isInline = (setting: string) => setting.trimStart().startsWith("{");

function read(setting: string): object {
  try {
    const value: unknown = JSON.parse(isInline(setting) ? setting : readFileSync(setting, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // What a parser or the file system says may quote what it read.
  }
  throw new Error(`${MUST}; it is no JSON, or the file cannot be read`);
}

const isLogin = (login: unknown) => typeof login === "string" && /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/.test(login);
