import type { Manifest } from "../manifest.ts";
import type { Modals } from "../modals.ts";
import type { Triggers } from "../triggers.ts";
import type { SlackWorkspace } from "../workspace.ts";

export type Args = Record<string, unknown>;

export type ApiDeps = {
  workspace: SlackWorkspace;
  modals: Modals;
  triggers: Triggers;
  manifest: Manifest;
  nowMs: () => number;
  openConnection: () => string;
  permalink: (channel: string, ts: string) => string;
};

/** One Web API method: the token it takes, the scopes it needs for these arguments (any one of a list is enough), the work. */
export type Method = {
  token: "bot" | "app";
  required: string[];
  scopes?: (args: Args, deps: ApiDeps) => string[];
  run: (args: Args, deps: ApiDeps) => Record<string, unknown> | Promise<Record<string, unknown>>;
};

/** Scopes to read in a conversation, by its kind. */
export const scopeFor = (verb: "history" | "read" | "write", kind: "public" | "private" | "im") =>
  `${{ public: "channels", private: "groups", im: "im" }[kind]}:${verb}`;
