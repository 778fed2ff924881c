/** git ended badly. The message is git's own, shortened; it never holds a token (tokens travel in the environment). */
export class GitFailed extends Error {
  override name = "GitFailed";
  readonly exitCode: number | null;
  readonly stderr: string;
  constructor(what: string, facts: { exitCode: number | null; stderr: string }) {
    super(`git ${what} failed: ${lastWords(facts.stderr) || `exit code ${facts.exitCode}`}`);
    this.exitCode = facts.exitCode;
    this.stderr = facts.stderr;
  }
}

const lastWords = (stderr: string) =>
  stderr
    .split("\n")
    .filter((line) => line.trim() && !line.startsWith("hint:"))
    .slice(-3)
    .join(" ")
    .slice(0, 400);
