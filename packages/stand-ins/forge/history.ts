import { branchTip } from "./refs.ts";
import { runGit } from "./run-git.ts";

/** One commit of a made-up history: whole files, `null` deletes one. Dates are ISO 8601, so that a history has fixed SHAs. */
export type SampleCommit = { message: string; date: string; files: Record<string, string | Uint8Array | null> };

export const SAMPLE_AUTHOR = "Sample Author <sample@example.invalid>";

/** Writes commits onto a branch, a new one or the tip of one, in one git process. A first line `#!` makes a file executable. */
export async function fastImport(bare: string, branch: string, commits: readonly SampleCommit[]) {
  const ref = `refs/heads/${branch}`;
  const tip = await branchTip(bare, branch);
  const start = tip ? `reset ${ref}\nfrom ${tip}\n\n` : "";
  const stream = [
    Buffer.from(start),
    ...commits.flatMap((commit) => commitCommands(branch, commit)),
    Buffer.from("done\n"),
  ];
  await runGit(bare, ["fast-import", "--quiet", "--done"], { input: Buffer.concat(stream) });
}

function commitCommands(branch: string, { message, date, files }: SampleCommit): Buffer[] {
  const when = `${SAMPLE_AUTHOR} ${Math.floor(Date.parse(date) / 1000)} +0000`;
  const head = `commit refs/heads/${branch}\nauthor ${when}\ncommitter ${when}\n`;
  return [
    Buffer.from(head),
    data(message),
    ...Object.entries(files).flatMap(([path, content]) => fileCommands(path, content)),
  ];
}

function fileCommands(path: string, content: string | Uint8Array | null): Buffer[] {
  if (content === null) return [Buffer.from(`D ${quoted(path)}\n`)];
  const mode = Buffer.from(content).subarray(0, 2).toString() === "#!" ? "100755" : "100644";
  return [Buffer.from(`M ${mode} inline ${quoted(path)}\n`), data(content)];
}

const quoted = (path: string) => `"${path.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;

function data(content: string | Uint8Array) {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")]);
}
