import { z } from "zod";

const MAX_COMMAND_CHARS = 1_000;

/** Half of a character, as some clients of Slack cut it, is no text anywhere else. */
export const GivenText = z.string().overwrite((text) => text.toWellFormed());

export const Command = GivenText.trim()
  .min(1)
  .max(MAX_COMMAND_CHARS, `Keep a command under ${MAX_COMMAND_CHARS} characters; put a longer one in a script.`)
  .regex(/^[^\0]*$/, "A command cannot hold a NUL character.");

/** https://git-scm.com/docs/git-check-ref-format, less what no sane branch has. */
export const BranchName = z
  .string()
  .max(200)
  .regex(
    /^(?![-/.])(?!.*(?:\.\.|\/\/|@\{|\/\.|\.lock(?:\/|$)))[^\s~^:?*[\\\p{Cc}]+(?<![/.])$/u,
    "That is not a valid branch name.",
  );
