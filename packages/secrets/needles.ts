/** A shorter one would be found in ordinary words. */
const MIN_SECRET_CHARS = 8;
/** Letters and digits that make a needle unmistakable among all text that could stand by chance. */
const MIN_NEEDLE_CHARS = 16;
/** What is left of a short secret's base64 after cutting both ends must still be unmistakable. */
const MIN_EXACT_CHARS = 10;
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

export type Needles = {
  /** Looked for as they are. */
  exact: string[];
  /** Lower-case letters and digits, looked for in a text of which only those are left: see `squeezed`. */
  squeezed: string[];
};

/** Letters and digits only, in lower case: what is left whatever separates, quotes, escapes or joins them. */
const squeezed = (text: string) => text.replace(/[^A-Za-z0-9]+/g, "").toLowerCase();

/**
 * The forms in which a secret of ours could leave. Looked for among letters and digits alone, one form stands for many:
 * hex is also `%73%6b`, `73 6b` and `=73=6B`; base64 is also wrapped, in pieces and for URLs.
 */
export function needlesOf(secrets: readonly string[]): Needles {
  const all = secrets.filter((secret) => secret.length >= MIN_SECRET_CHARS).map(needlesOfOne);
  const exact = all.flatMap((needles) => needles.exact);
  return {
    exact: [...new Set(exact)].toSorted((a, b) => b.length - a.length),
    squeezed: [...new Set(all.flatMap((needles) => needles.squeezed))],
  };
}

function needlesOfOne(secret: string): Needles {
  const bytes = Buffer.from(secret);
  const wide = Buffer.from(secret, "utf16le");
  const base64 = [bytes, wide].flatMap((form) => [0, 1, 2].map((before) => base64Of(form, before, "base64")));
  const spelled = [
    each(bytes, 16, 2, ""),
    // \x73\x6b and &#x73;&#x6b; then 0x73, 0x6b then \u0073\u006b then \u{73}\u{6b}, each without its first mark
    each(bytes, 16, 2, "x"),
    each(bytes, 16, 2, "0x"),
    each(bytes, 16, 2, "u00"),
    each(bytes, 16, 2, "u"),
    // &#115;&#107; and [115, 107] then \163\153
    each(bytes, 10, 0, ""),
    each(bytes, 8, 3, ""),
    wide.toString("hex"),
    ...[0, 1, 2, 3, 4].map((before) => base32Of(bytes, before)),
  ];
  const words = squeezed(secret);
  const isUnmistakable =
    words.length >= 1.5 * MIN_NEEDLE_CHARS || (words.length >= MIN_NEEDLE_CHARS && /\d/.test(words));
  const plain = isUnmistakable ? [words, backwards(words), backwards(squeezed(base64[0]!))] : [];
  return {
    exact: isUnmistakable ? [] : exactForms(secret, bytes),
    squeezed: [...plain, ...[...base64, ...spelled].map(squeezed)].filter(({ length }) => length >= MIN_NEEDLE_CHARS),
  };
}

/** For a secret that is short, or made of words alone: it is found only as it is written in JSON, a URL or base64. */
function exactForms(secret: string, bytes: Buffer): string[] {
  const inUrl = encodeURIComponent(secret);
  const base64 = (["base64", "base64url"] as const).flatMap((encoding) =>
    [0, 1, 2].map((before) => base64Of(bytes, before, encoding)),
  );
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    inUrl,
    inUrl.replace(/%../g, (code) => code.toLowerCase()),
    ...base64.filter((form) => form.length >= MIN_EXACT_CHARS),
  ];
}

const each = (bytes: Buffer, radix: number, width: number, mark: string) =>
  [...bytes].map((byte) => byte.toString(radix).padStart(width, "0")).join(mark);

const backwards = (text: string) => [...text].reverse().join("");

/** Base64 works on three bytes at a time: of the first and last group only what no neighbour touches. */
function base64Of(bytes: Buffer, bytesBefore: number, encoding: "base64" | "base64url"): string {
  const all = Buffer.concat([Buffer.alloc(bytesBefore), bytes]);
  return all.toString(encoding).slice(Math.ceil((bytesBefore * 8) / 6), Math.floor((all.length * 8) / 6));
}

/** RFC 4648, five bytes at a time; likewise. */
function base32Of(bytes: Buffer, bytesBefore: number): string {
  const bits = "0".repeat(bytesBefore * 8) + each(bytes, 2, 8, "");
  const letters = Array.from({ length: Math.floor(bits.length / 5) }, (_, i) =>
    BASE32.charAt(Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2)),
  );
  return letters.slice(Math.ceil((bytesBefore * 8) / 5)).join("");
}
