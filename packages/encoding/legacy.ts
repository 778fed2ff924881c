import type { Buffer } from "node:buffer";
import iconv from "iconv-lite";
import { asBuffer, encodeWith, opaque } from "./opaque.ts";

/** Encodings of source files from before UTF-8, the likeliest first. */
export const LEGACY = [
  "windows-1252",
  "shift_jis",
  "gb18030",
  "euc-kr",
  "big5",
  "euc-jp",
  "windows-1251",
  "windows-1250",
  "koi8-r",
  "iso-8859-2",
  "iso-8859-15",
  "windows-1253",
  "windows-1254",
  "macintosh",
  "cp850",
] as const;

/** What can be written as well as read, byte for byte. Every one has ASCII at its place. */
const KNOWN =
  /^(windows-?125\d|cp-?125\d|iso-?8859-?\d{1,2}|latin-?\d{1,2}|koi8-?[ru]|macintosh|macroman|cp(437|850|852|866|932|936|949|950)|ibm(437|850|852|866)|shift[-_]?jis|sjis|windows-?31j|ms932|euc-?jp|gb18030|gbk|gb2312|cp936|big5(-?hkscs)?|euc-?kr|ks_c_5601-1987|tis-?620)$/i;

/** The name as iconv-lite and people know it; undefined for what this cannot keep byte for byte. */
export function legacyName(name: string): string | undefined {
  const plain = name.trim().toLowerCase();
  if (!KNOWN.test(plain) || !iconv.encodingExists(plain)) return undefined;
  // Files that say Latin-1 hold the quotation marks and dashes of windows-1252, as browsers know.
  return /^(iso-?8859-?1|latin-?1|cp-?1252|windows-?1252)$/.test(plain) ? "windows-1252" : plain;
}

/** undefined: these bytes are not this encoding, or would not come back as they are. */
export function decodeLegacy(bytes: Uint8Array, name: string): string | undefined {
  const text = iconv.decode(asBuffer(bytes), name, { stripBOM: false });
  // One byte a character: what the encoding leaves undefined stays an opaque byte.
  if (text.length === bytes.length)
    return text.includes("\ufffd") ? text.replace(/\ufffd/g, (_, at: number) => opaque(bytes[at]!)) : text;
  return !text.includes("\ufffd") && encodeLegacy(text, name)?.length === bytes.length ? text : undefined;
}

/** undefined: it holds a character that the encoding has not. */
export function encodeLegacy(text: string, name: string): Buffer | undefined {
  let fits = true;
  const bytes = encodeWith(text, (part) => {
    const encoded = iconv.encode(part, name, { addBOM: false });
    fits &&= iconv.decode(encoded, name, { stripBOM: false }) === part;
    return encoded;
  });
  return fits ? bytes : undefined;
}

const DECLARATIONS = [
  /^<\?xml[^>]*?encoding=["']([\w.-]+)["']/i,
  /^@charset "([\w.-]+)"/,
  /<meta[^>]*?charset=["']?([\w.-]+)/i,
  /^(?:.*\n)?[ \t\f]*(?:#|\/\/|--|%|;|\/?\*|<!--).*?coding[:=][ \t]*([\w.-]+)/,
];

/** The legacy encoding that the file itself names in its first lines: XML, CSS, HTML, Python, Ruby, Emacs, Vim. */
export function declaredIn(bytes: Uint8Array): string | undefined {
  const start = asBuffer(bytes.subarray(0, 1_024)).toString("latin1");
  const name = DECLARATIONS.map((one) => one.exec(start)?.[1]).find((found) => found !== undefined);
  return name === undefined ? undefined : legacyName(name);
}
