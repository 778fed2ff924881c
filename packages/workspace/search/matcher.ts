import { Buffer } from "node:buffer";
import { encodeUtf8 } from "../../encoding/opaque.ts";
import { unescaped } from "../../encoding/visible.ts";
import { fromPcre, neededBy } from "./pcre.ts";

type Hit = { index: number; length: number };

/** Looks for the first match in a line. */
export type Matcher = {
  inLine(line: string, ascii: boolean): Hit | undefined;
  /** One of these texts must stand in a file in UTF-8 that matches. */
  needed?: Buffer[];
  /** The texts of which one must stand in a file that matches, byte for byte in its encoding; absent: it cannot be said. */
  literals?: string[];
  /** It looks for ASCII text alone, which stands as itself in every encoding but UTF-16. */
  ascii: boolean;
  /** It names letters outside ASCII. */
  foreign: boolean;
};

export function createMatcher(query: { pattern: string; literal: boolean; ignoreCase: boolean }): Matcher {
  return query.literal ? literalMatcher(query) : expressionMatcher(query);
}

/** Unicode has two forms of many letters, and a view shows some as escapes; all are what a person means. */
const formsOf = (text: string) => [
  ...new Set([text, text.normalize("NFC"), text.normalize("NFD"), unescaped(text) ?? text]),
];

function literalMatcher({ pattern, ignoreCase }: { pattern: string; ignoreCase: boolean }): Matcher {
  const forms = formsOf(pattern);
  const ascii = !/[^\0-\x7f]/.test(pattern);
  if (!ignoreCase)
    return {
      ascii,
      foreign: !ascii,
      literals: forms,
      needed: forms.map(encodeUtf8),
      inLine(line) {
        for (const form of forms) {
          const index = line.indexOf(form);
          if (index !== -1) return { index, length: form.length };
        }
        return undefined;
      },
    };
  const quoted = forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|/&\-!#%,:;<=>@`~"']/g, byCode)).join("|");
  const expression = new RegExp(quoted, "iv");
  return { ascii, foreign: !ascii, inLine: (line) => hitOf(expression.exec(line)) };
}

function expressionMatcher({ pattern, ignoreCase }: { pattern: string; ignoreCase: boolean }): Matcher {
  const [plain, unicode] = [true, false].map((ascii) => fromPcre(pattern, { ignoreCase, ascii }));
  const needed = neededBy(pattern, { ignoreCase });
  return {
    ascii: false,
    ...(needed !== undefined && { needed: [Buffer.from(needed)] }),
    foreign: /[^\0-\x7f]/.test(pattern),
    inLine(line, ascii) {
      if (ascii) return hitOf(plain!.exec(line));
      const hit = hitOf(unicode!.exec(line));
      if (hit) return hit;
      const composed = line.normalize("NFC");
      return composed === line ? undefined : hitOf(unicode!.exec(composed));
    },
  };
}

const hitOf = (found: RegExpExecArray | null): Hit | undefined =>
  found ? { index: found.index, length: found[0].length } : undefined;

const byCode = (char: string) => `\\u{${char.charCodeAt(0).toString(16)}}`;
