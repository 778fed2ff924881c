import { clip } from "../text/cut.ts";
import { withoutHidden } from "../text/hidden.ts";
import { withoutTerminalCodes } from "../text/terminal-codes.ts";

/** What a fetch or push printed, apart by who said it: git itself, or the server behind it (its `remote:` lines). */
export type RemoteWords = {
  server: string[];
  git: string[];
  /** What `git push --porcelain` gives behind `[remote rejected]`. */
  rejected?: string;
};

/** How long the words of a server may be in a sentence of ours. */
const MAX_SAID_CHARS = 300;

/** Colours, progress, hidden characters and anything that looks like a credential are gone. */
export function readRemoteWords(text: string): RemoteWords {
  const lines = withoutCredentials(withoutHidden(withoutTerminalCodes(text)))
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "" && !PROGRESS.test(line));
  const isServer = (line: string) => line.startsWith("remote:");
  const git = lines.filter((line) => !isServer(line)).map((line) => line.trim());
  const rejected = git.map((line) => /\[remote rejected\] (?:\S+ -> \S+ )?\((.*)\)$/.exec(line)?.[1]).find(Boolean);
  return {
    server: lines.filter(isServer).map((line) => line.slice("remote:".length).trim()),
    git,
    ...(rejected && { rejected }),
  };
}

/**
 * The sentences of a refusal, without the frame around them: GitHub puts a code first (GH013), then rules as a list,
 * with lines, links and hints between.
 */
export function saidByServer({ server, rejected = "" }: RemoteWords): string {
  const said = server
    .map((line) => line.replace(/^(?:(?:error|fatal|warning): *)?(?:GH\d{3}: *)?(?:[-*•] +)?/i, ""))
    .filter((line) => /[\p{L}\d]/u.test(line) && !FRAME.some((pattern) => pattern.test(line)))
    .map((line) => line.replace(/^[—–-]+ *| *[—–-]+$/g, ""));
  const sentences = [...new Set(said)].map((line) => line.replace(/[.:;]$/, ""));
  return clip(sentences.join("; ") || rejected, MAX_SAID_CHARS);
}

const PROGRESS =
  /^(?:remote: )?(?:Enumerating|Counting|Compressing|Receiving|Writing|Resolving|Updating|Unpacking|Checking) [\w ]+:|^(?:remote: )?Total \d+ \(delta|^Delta compression using/;

const FRAME = [
  /^Repository rule violations found/i,
  /^Review all repository rules at/i,
  /^(?:Resolve|Bypass) the following violations/i,
  /^\(\?\)/,
  /^Trace: /,
  /^See https?:/,
  /^https?:\S+$/,
  /^[0-9a-f]{40,64}$/,
  /^Found \d+ violations?:?$/i,
  /^locations:$/i,
  /^commit: [0-9a-f]+$/i,
];

/** None should ever be there: our token travels as a header. */
const withoutCredentials = (text: string) =>
  text
    .replace(/(https?:\/\/)[^\s/@]+@/gi, "$1")
    .replace(/\b(?:gh[a-z]_[\w.-]{10,}|github_pat_\w{10,}|(?:Basic|Bearer) [\w+/=.-]{10,})/g, "[removed]");
