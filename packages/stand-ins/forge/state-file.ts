import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../jobs/errors.ts";
import { ForgeData, type ForgeState } from "./state.ts";

/**
 * `forge.json` is replaced as a whole before any answer leaves, so what was answered survives a SIGKILL.
 * A file that does not parse is never overwritten: the error says where it is.
 */
export function openState(folder: string): ForgeState {
  const file = join(folder, "forge.json");
  mkdirSync(folder, { recursive: true });
  const data = existsSync(file) ? readState(file) : newState();
  const state = { data, save: () => replaceFile(file, JSON.stringify(data, null, 1)) };
  state.save();
  return state;
}

function readState(file: string): ForgeData {
  try {
    return ForgeData.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new UserError(
      `${file} is damaged. Move it and the repositories beside it away to start with an empty forge.`,
      {
        cause,
      },
    );
  }
}

const newState = (): ForgeData => ({
  nextId: 1,
  tokens: [
    { token: `forge-read-${randomBytes(16).toString("hex")}`, login: "cody-forge", scope: "read" },
    { token: `forge-write-${randomBytes(16).toString("hex")}`, login: "cody-forge", scope: "write" },
  ],
  repositories: [],
  pullRequests: [],
  comments: [],
  checks: [],
  reviews: [],
  threads: [],
});

function replaceFile(file: string, text: string) {
  const handle = openSync(`${file}.new`, "w");
  writeSync(handle, text);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(`${file}.new`, file);
}
