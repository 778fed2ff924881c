import { setImmediate } from "node:timers/promises";
import { MAX_SEARCHED_BYTES } from "../limits.ts";
import type { FileEntry } from "../list.ts";
import type { OpenFolders } from "../open-folders.ts";
import { createTimed } from "./in-time.ts";
import { type LineMatch, type Looked, lookIn } from "./look-in.ts";
import type { Matcher } from "./matcher.ts";
import { problem } from "./pcre.ts";
import { readAt } from "./read-many.ts";

export type SearchQuery = {
  pattern: string;
  /** false: a regular expression as PCRE reads it. */
  literal: boolean;
  ignoreCase: boolean;
  /** As in listFiles; a file must match one. None: all files. */
  globs: readonly string[];
  maxMatches: number;
  onePerFile?: boolean;
  /** In files of more bytes than this a match comes with what stands around it: see LineMatch. */
  nearInFilesOver?: number;
  timeoutMs: number;
};

type LeftOut = {
  why:
    | "ignored"
    | "submodule"
    | "LFS pointer"
    | "too large"
    | "unreadable"
    | "hard link"
    | "too slow"
    | "unknown encoding";
  paths: string[];
};

export type SearchResult = {
  matches: ({ path: string } & LineMatch)[];
  truncated: boolean;
  timedOut: boolean;
  files: { searched: number; all: number };
  binaries: string[];
  guessed: { path: string; encoding: string }[];
  leftOut: LeftOut[];
};

/** Read before any of it is searched: many small files cost as much to start on as one large. */
const BATCH_BYTES = 8 * 1024 * 1024;
const BATCH_FILES = 500;
/** For one batch; nothing else of this process runs meanwhile, heartbeats included. */
const SHARE_OF_TIME = 0.1;

type Batch = { path: string; bytes: Buffer }[];

/** Goes through files batch by batch, within its time, and remembers what it found and what it left out. */
export class Search {
  readonly found: SearchResult["matches"] = [];
  private readonly binaries: string[] = [];
  private readonly guessed: SearchResult["guessed"] = [];
  private readonly leftOut = new Map<LeftOut["why"], string[]>();
  private readonly inTime = createTimed();
  private readonly query: SearchQuery;
  private readonly matcher: Matcher;
  private readonly deadline: number;
  private searched = 0;
  private timedOut = false;

  constructor(query: SearchQuery, matcher: Matcher, deadline: number) {
    this.query = query;
    this.matcher = matcher;
    this.deadline = deadline;
  }

  over(): boolean {
    this.timedOut ||= performance.now() >= this.deadline;
    return this.timedOut || this.found.length > this.query.maxMatches;
  }

  /** How many of these files are done with. */
  async batch(folders: OpenFolders, files: readonly FileEntry[]): Promise<number> {
    const batch: Batch = [];
    let [bytes, taken] = [0, 0];
    for (const { path } of files) {
      if (bytes >= BATCH_BYTES || taken >= BATCH_FILES) break;
      taken++;
      const place = folders.placeOf(path);
      const read = place ? readAt(place, MAX_SEARCHED_BYTES) : { not: "unreadable" as const };
      if ("bytes" in read) {
        batch.push({ path, bytes: read.bytes });
        bytes += read.bytes.length;
        if (isPointer(read.bytes)) this.leaveOut("LFS pointer", path);
      } else if (read.not !== "gone") this.leaveOut(read.not, path);
    }
    for (let at = 0; at < batch.length && !this.over(); ) {
      at = this.look(batch, at);
      await setImmediate();
    }
    return taken;
  }

  /** Up to a file that takes too long, which is tried again as the first and then given up. */
  private look(batch: Batch, start: number): number {
    let at = start;
    const done: Looked[] = [];
    const { onePerFile, maxMatches, nearInFilesOver = Infinity } = this.query;
    const max = onePerFile ? 1 : maxMatches + 1;
    const ended = this.run(() => {
      for (; at < batch.length; at++) {
        const { bytes } = batch[at]!;
        done.push(lookIn(bytes, this.matcher, { max, near: bytes.length > nearInFilesOver }));
      }
    });
    for (const [i, looked] of done.entries()) this.take(batch[start + i]!.path, looked);
    if (ended === "done" || at > start || this.over()) return at;
    this.leaveOut("too slow", batch[at]!.path);
    return at + 1;
  }

  private run(work: () => void) {
    try {
      const share = this.query.timeoutMs * SHARE_OF_TIME;
      return this.inTime(Math.min(share, this.deadline - performance.now()), work);
    } catch (error) {
      // The engine's own limits: an expression that is too large, or goes too deep.
      if (error instanceof RangeError || error instanceof SyntaxError) throw problem(error.message);
      throw error;
    }
  }

  private take(path: string, { matches, binary, guessed, unsure }: Looked): void {
    this.searched++;
    for (const match of matches) this.found.push({ path, ...match });
    if (binary) this.binaries.push(path);
    if (guessed) this.guessed.push({ path, encoding: guessed });
    if (unsure) this.leaveOut("unknown encoding", path);
  }

  private leaveOut(why: LeftOut["why"], path: string): void {
    const paths = this.leftOut.get(why);
    if (paths) paths.push(path);
    else this.leftOut.set(why, [path]);
  }

  /** Beside matches only what was cut short is worth a sentence. */
  private matters(why: LeftOut["why"]): boolean {
    if (this.found.length === 0) return true;
    return why === "unknown encoding" ? this.matcher.foreign : why !== "LFS pointer";
  }

  result(all: number, more: readonly LeftOut[]): SearchResult {
    const { maxMatches } = this.query;
    return {
      matches: this.found.slice(0, maxMatches),
      truncated: this.found.length > maxMatches,
      timedOut: this.timedOut && this.found.length <= maxMatches,
      files: { searched: this.searched, all },
      binaries: this.binaries,
      guessed: this.guessed,
      leftOut: [...[...this.leftOut].map(([why, paths]) => ({ why, paths })), ...more].filter(
        ({ why, paths }) => paths.length > 0 && this.matters(why),
      ),
    };
  }
}

const isPointer = (bytes: Buffer) =>
  bytes.length < 1_024 && bytes.toString("latin1", 0, 60).startsWith("version https://git-lfs.github.com/spec/");
