import { type FoundSecret, findSecrets } from "./find.ts";
import { isLineEnd, unwrapped, type WrappedAt } from "./unwrapped.ts";

/** These know by themselves how they go on over lines. */
const OVER_LINES = /private ?key|in base64/;

/** Secrets that go on behind the end of a line, or behind what is not seen, with all that stands in between. */
export async function findWrapped(text: string): Promise<FoundSecret[]> {
  const whole = unwrapped(text, { parted: false });
  const parted = whole && unwrapped(text, { parted: true });
  const found = await Promise.all([
    whole ? findIn(whole) : [],
    parted && parted.text !== whole.text ? findIn(parted) : [],
  ]);
  return found.flat();
}

async function findIn({ text, breaks, sourceOf }: NonNullable<ReturnType<typeof unwrapped>>): Promise<FoundSecret[]> {
  const found: FoundSecret[] = [];
  for (const secret of await findSecrets(text)) {
    const within = breaks.filter(({ at }) => secret.start < at && at < secret.end);
    if (within.length === 0 || OVER_LINES.test(secret.rule)) continue;
    const end = await endOf(text, secret, within);
    found.push({ ...secret, start: sourceOf(secret.start), end: sourceOf(end - 1) + 1 });
  }
  return found;
}

/**
 * Most secrets may be of any length, so that the first word of the next line would be taken for their rest. What is one at
 * the end of a line goes on only where the next line holds nothing else.
 */
async function endOf(text: string, { start, end }: FoundSecret, within: readonly WrappedAt[]): Promise<number> {
  const lineStart = text.lastIndexOf("\n", start) + 1;
  for (const [i, { at, isLine, isFull }] of within.entries()) {
    const next = within[i + 1]?.at ?? end;
    const isAlone = isLineEnd(text, next);
    if (!isLine || next < end || (isAlone && (isFull || /\d/.test(text.slice(at, next))))) continue;
    const whole = await findSecrets(text.slice(lineStart, at));
    if (whole.some((one) => one.end === at - lineStart)) return at;
  }
  return end;
}
