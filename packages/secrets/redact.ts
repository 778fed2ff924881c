import { placeholder } from "../text/placeholder.ts";
import { findSecrets } from "./find.ts";
import { findWrapped } from "./find-wrapped.ts";
import { createOwnSecrets } from "./own-secrets.ts";

export type Redactor = {
  /** Ours and everything that looks like a secret. Lines stay lines: a secret of several has a placeholder in each. */
  redact(text: string): Promise<string>;
  /** Ours only, in every form: for text that must otherwise stay as it is. */
  redactOwn(text: string): string;
  /** Every string of a JSON value, names too; the very same value when none holds a secret. */
  redactAll<T>(value: T): Promise<T>;
};

type Found = { start: number; end: number; rule?: string };

/** Strings that are looked at in one go: secretlint's price is by the text more than by its length. */
const BATCH_CHARS = 512 * 1024;
/** Between them: no form of a secret has it inside, and all rules stop at it. */
const BETWEEN = "\n\n\u0000\n\n";

/** `own`: the secrets of this process. They are replaced by `[redacted]`, the rest by `[redacted RULE]`. */
export function createRedactor(own: readonly string[]): Redactor {
  const ours = createOwnSecrets(own);
  const redactOwn = (text: string) => replaceAll(text, ours.rangesIn(text));

  async function redact(text: string) {
    const rest = redactOwn(text);
    const found = [...(await findSecrets(rest)), ...(await findWrapped(rest))];
    return replaceAll(
      rest,
      found.toSorted((a, b) => a.start - b.start || b.end - a.end),
    );
  }

  return {
    redact,
    redactOwn,
    async redactAll(value) {
      const changed = new Map<string, string>();
      for (const batch of batches(new Set(stringsIn(value)))) {
        const joined = batch.join(BETWEEN);
        if ((await redact(joined)) === joined) continue;
        for (const text of batch) {
          const without = await redact(text);
          if (without !== text) changed.set(text, without);
        }
      }
      return changed.size > 0 ? replaced(value, changed) : value;
    },
  };
}

export const redact = (text: string, own: readonly string[]) => createRedactor(own).redact(text);

/** Findings come in the order of their places and may overlap: the first one's words stand for all. */
function replaceAll(text: string, findings: readonly Found[]): string {
  let done = 0;
  let result = "";
  for (const { start, end, rule } of merged(findings)) {
    result += text.slice(done, start) + text.slice(start, end).replace(/[^\r\n]*\S[^\r\n]*/g, () => placeholder(rule));
    done = end;
  }
  return done === 0 ? text : result + text.slice(done);
}

function merged(findings: readonly Found[]): Found[] {
  const apart: Found[] = [];
  for (const finding of findings) {
    const last = apart.at(-1);
    if (last && finding.start < last.end) last.end = Math.max(last.end, finding.end);
    else apart.push({ ...finding });
  }
  return apart;
}

function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null)
    for (const [name, held] of Object.entries(value)) {
      yield name;
      yield* stringsIn(held);
    }
}

function* batches(strings: Iterable<string>): Generator<string[]> {
  let batch: string[] = [];
  let chars = 0;
  for (const text of strings) {
    batch.push(text);
    chars += text.length;
    if (chars < BATCH_CHARS) continue;
    yield batch;
    [batch, chars] = [[], 0];
  }
  yield batch;
}

function replaced<T>(value: T, changed: ReadonlyMap<string, string>): T {
  if (typeof value === "string") return (changed.get(value) ?? value) as T;
  if (Array.isArray(value)) return value.map((held) => replaced(held, changed)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [changed.get(name) ?? name, replaced(held, changed)]),
  ) as T;
}
