import { PUBLIC_REGISTRIES } from "../../packages/sandbox/registries/public.ts";
import type { Reply } from "../../packages/stand-ins/claude/brain.ts";
import { calling } from "../agent/stage.ts";

/** A small repository whose check fails because of a dependency, and what a model does to raise it. */
export type Sample = {
  /** Whose way of raising a dependency this is. */
  client: string;
  /** Programs that a command must find. */
  needs: readonly string[];
  /** Hosts of registries that must answer. */
  hosts: readonly string[];
  repository: string;
  files: Record<string, string>;
  /** Before its report. */
  steps: readonly Reply[];
  /** All that the pull request may change, as it must be in the end. */
  after: Record<string, string>;
  /** What is not the same on every machine, as it is in `after`. */
  asIf?(text: string): string;
};

/** As the registry rules list them: by a part of the name where an ecosystem has several. */
export const hostOf = (ecosystem: string, part = ""): string =>
  PUBLIC_REGISTRIES.find((one) => one.ecosystem === ecosystem && one.host.includes(part))!.host;

export const runs = (command: string, timeout_seconds = 300): Reply =>
  calling("run_command", { command, timeout_seconds, network: "registries" });

export const edits = (path: string, old_text: string, new_text: string): Reply =>
  calling("edit_file", { path, edits: [{ old_text, new_text }] });
