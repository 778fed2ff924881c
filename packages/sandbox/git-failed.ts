import { clip } from "../text/cut.ts";
import type { EndedBy } from "./sandbox.ts";

/** git ended badly. The message is git's own, shortened; it never holds a token (tokens travel in the environment). */
export class GitFailed extends Error {
  override name = "GitFailed";
  readonly exitCode: number | null;
  readonly stderr: string;
  /** What came before it ended. */
  readonly stdout: Buffer;
  /** We ended it: a time-out or a flood. */
  readonly ended: EndedBy | undefined;

  constructor(what: string, facts: { exitCode: number | null; stderr: string; stdout: Buffer; ended?: EndedBy }) {
    const why = facts.ended ? `ended by us (${facts.ended})` : lastWords(facts.stderr);
    super(`git ${what} failed: ${why || `exit code ${facts.exitCode}`}`);
    this.exitCode = facts.exitCode;
    this.stderr = facts.stderr;
    this.stdout = facts.stdout;
    this.ended = facts.ended;
  }
}

const lastWords = (stderr: string) =>
  clip(
    stderr
      .split("\n")
      .filter((line) => line.trim() && !line.startsWith("hint:"))
      .slice(-3)
      .join(" "),
    400,
  );
