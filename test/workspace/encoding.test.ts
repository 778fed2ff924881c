import { Buffer } from "node:buffer";
import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { applyEdit } from "../../packages/agent/tools/edit/apply-edit.ts";
import { decodeUtf8, encodeUtf8 } from "../../packages/encoding/opaque.ts";
import { encodeWhole, encodingNamed, encodingOf, textFileOf } from "../../packages/encoding/text-file.ts";
import { unescaped, visible, visibleName } from "../../packages/encoding/visible.ts";
import { propertyRuns } from "../property-runs.ts";

const bytes = (...values: number[]) => Buffer.from(values);
const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();

describe("how a file's bytes are text", () => {
  test.for<[what: string, content: Uint8Array, name: string | undefined, mark?: boolean]>([
    ["nothing", bytes(), "utf-8"],
    ["ASCII", Buffer.from("plain\n"), "utf-8"],
    ["UTF-8", Buffer.from("naïve 漢字 😀\n"), "utf-8"],
    ["UTF-8 with a mark", Buffer.from("\ufeffnaïve\n"), "utf-8", true],
    ["UTF-8 with a stray byte", Buffer.concat([Buffer.from("naïve "), bytes(0xe9), Buffer.from(" é\n")]), "utf-8"],
    ["UTF-16LE with a mark", Buffer.from("\ufeffnaïve\n", "utf16le"), "utf-16le", true],
    ["UTF-16BE with a mark", utf16be("\ufeffnaïve\n"), "utf-16be", true],
    ["UTF-16LE that says nothing", Buffer.from('STRINGTABLE\r\n  1 "漢字"\r\n', "utf16le"), "utf-16le"],
    ["UTF-16BE that says nothing", utf16be('STRINGTABLE\r\n  1 "漢字"\r\n'), "utf-16be"],
    [
      "UTF-16 with half a character at its end",
      Buffer.concat([Buffer.from("\ufeffab", "utf16le"), bytes(0)]),
      undefined,
    ],
    ["UTF-32 with a mark", bytes(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0), undefined],
    ["Latin-1", Buffer.from("caf\xe9\nok\n", "latin1"), "unknown"],
    ["Shift_JIS", iconv.encode("// 設定\nint a;\n", "shift_jis"), "unknown"],
    [
      "an XML file that names its encoding",
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>\xe9</a>', "latin1"),
      "windows-1252",
    ],
    [
      "one that names it and needs it not yet",
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?>\n<a/>'),
      "windows-1252",
    ],
    [
      "one that names another one than it has",
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>é</a>'),
      "utf-8",
    ],
    [
      "a Python file that names it",
      iconv.encode("#!/usr/bin/python\n# -*- coding: euc-kr -*-\n# 설정\n", "euc-kr"),
      "euc-kr",
    ],
    ["an HTML file that names it", iconv.encode('<html><meta charset="koi8-r">Привет', "koi8-r"), "koi8-r"],
    ["a picture", bytes(0x89, 0x50, 0x4e, 0x47, 0, 0, 1, 0xff), undefined],
    [
      "numbers of two bytes",
      Buffer.from(Uint16Array.from({ length: 400 }, (_, i) => (i * 7919) % 65536).buffer),
      undefined,
    ],
    ["numbers of four bytes", Buffer.from(Uint32Array.from({ length: 400 }, (_, i) => i).buffer), undefined],
  ])("%s", ([, content, name, mark = false]) => {
    expect(encodingOf(content)).toEqual(name && { name, mark });
  });

  test("characters beside a byte that is none are what they are", () => {
    for (const text of ["a\u007f", "é߿", "ࠀ漢\ud7ff\ue000\uffff", "𐀀😀\u{10ffff}"])
      expect(decodeUtf8(Buffer.concat([bytes(0xe9), Buffer.from(text), bytes(0xff)]))).toBe(`\udce9${text}\udcff`);
  });

  test("every byte comes back, whatever it is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (content) => {
        expect(encodeUtf8(decodeUtf8(content))).toEqual(Buffer.from(content));
        const file = textFileOf(content);
        if (file) expect(Buffer.from(encodeWhole(file.text, file.encoding)!)).toEqual(Buffer.from(content));
      }),
      { numRuns: propertyRuns(100), seed: 1 },
    );
  });

  test("what cannot be seen is shown, and read again", () => {
    const line = `a\u202eb\u200b${decodeUtf8(bytes(0xe9))}\u0007é👩‍👩‍👧`;
    expect(visible(line)).toBe("a\\u{202e}b\\u{200b}\\xe9\\u{7}é👩‍👩‍👧");
    expect(unescaped(visible(line))).toBe(line);
    expect(visibleName("9.41\u202fAM\u00a0.png")).toBe("9.41\\u{202f}AM\\u{a0}.png");
    expect(unescaped("\\x41 \\u{41} \\d")).toBeUndefined();
  });
});

describe("an edit", () => {
  const edit = (
    content: Uint8Array,
    old_text: string,
    new_text: string,
    more: { replace_all?: true; encoding?: string } = {},
  ) => {
    const { encoding, ...rest } = more;
    const file = textFileOf(content, encoding === undefined ? undefined : encodingNamed(encoding, content))!;
    return applyEdit("f.txt", file, { old_text, new_text, ...rest })!.file.bytes;
  };
  const latin1 = (text: string) => Buffer.from(text, "latin1");

  test.for<
    [
      what: string,
      content: Uint8Array,
      old: string,
      now: string,
      result: Uint8Array,
      more?: { replace_all?: true; encoding?: string },
    ]
  >([
    ["keeps LF in a file with one CRLF line", latin1("a\nb\nc\r\nd\n"), "b", "b1\nb2", latin1("a\nb1\nb2\nc\r\nd\n")],
    [
      "keeps CRLF in a file with one LF line",
      latin1("a\r\nb\r\nc\nd\r\n"),
      "b",
      "b1\nb2",
      latin1("a\r\nb1\r\nb2\r\nc\nd\r\n"),
    ],
    [
      "leaves the line ends of lines that stay",
      latin1("a\r\nb\nc\r\nd\n"),
      "a\nb\nc\nd",
      "a\nB\nc\nd",
      latin1("a\r\nB\nc\r\nd\n"),
    ],
    ["takes CRLF from a model in an LF file for LF", latin1("a\nb\n"), "a\r\nb", "x\r\ny\r\nz", latin1("x\ny\nz\n")],
    [
      "takes LF from a model in a CRLF file for CRLF",
      latin1("a\r\nb\r\n"),
      "a\nb",
      "x\ny\nz",
      latin1("x\r\ny\r\nz\r\n"),
    ],
    ["adds a line at the end of a file without one", latin1("a\r\nb"), "b", "b\nc", latin1("a\r\nb\r\nc")],
    ["takes a last line end that the file lacks", latin1("a\nb"), "b\n", "c\n", latin1("a\nc")],
    ["keeps lone carriage returns", latin1("a\rb\rc"), "a\nb", "a\nx\nb", latin1("a\rx\rb\rc")],
    ["keeps a form feed, a tab and NEL", latin1("a\f\tb\x85\n"), "b", "c", latin1("a\f\tc\x85\n")],
    [
      "keeps a byte order mark",
      Buffer.from("\ufefffirst\r\nsecond\r\n"),
      "first",
      "1\n2",
      Buffer.from("\ufeff1\r\n2\r\nsecond\r\n"),
    ],
    [
      "in UTF-16LE",
      Buffer.from("\ufeffa = 1\r\n", "utf16le"),
      "a = 1",
      "ä = 2\nb",
      Buffer.from("\ufeffä = 2\r\nb\r\n", "utf16le"),
    ],
    [
      "in UTF-16BE without a mark",
      utf16be("first line\nsecond 漢\n"),
      "second",
      "third 字",
      utf16be("first line\nthird 字 漢\n"),
    ],
    ["beside a Latin-1 letter", latin1("caf\xe9\nok"), "ok", "fine", latin1("caf\xe9\nfine")],
    ["of a Latin-1 letter as it is shown", latin1("caf\xe9 ok"), "caf\\xe9 ok", "caf\\xe9s", latin1("caf\xe9s")],
    ["of a Latin-1 letter as it is meant", latin1("caf\xe9 ok"), "café ok", "naïve", latin1("na\xefve")],
    [
      "in an encoding that is named",
      latin1("caf\xe9 ok"),
      "ok",
      "naïve",
      latin1("caf\xe9 na\xefve"),
      { encoding: "windows-1252" },
    ],
    [
      "in an encoding that the file names",
      latin1('<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>\xe9</a>'),
      "<a>",
      "<a>ï",
      latin1('<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>\xef\xe9</a>'),
    ],
    [
      "in Shift_JIS, whose second bytes look like ASCII",
      iconv.encode("表示n\nn = 1\n", "shift_jis"),
      "n = 1",
      "n = 2",
      iconv.encode("表示n\nn = 2\n", "shift_jis"),
      { encoding: "shift_jis" },
    ],
    [
      "beside a stray byte",
      Buffer.concat([Buffer.from("é "), bytes(0xe9), Buffer.from(" é x")]),
      "x",
      "ü",
      Buffer.concat([Buffer.from("é "), bytes(0xe9), Buffer.from(" é ü")]),
    ],
    [
      "of a decomposed letter that is typed composed",
      Buffer.from("re\u0301sume\u0301 = 1\n"),
      "résumé = 1",
      "résumé = 2",
      Buffer.from("re\u0301sume\u0301 = 2\n"),
    ],
    [
      "of a no-break space that is typed as a space",
      Buffer.from("a\u00a0b\n"),
      "a b",
      "a c",
      Buffer.from("a\u00a0c\n"),
    ],
    [
      "of a line with a zero-width space in it",
      Buffer.from("a\u200bb c\n"),
      "ab c",
      "ab d",
      Buffer.from("a\u200bb d\n"),
    ],
    ["at every place", latin1("x\r\ny x\n"), "x", "z", latin1("z\r\ny z\n"), { replace_all: true }],
    ["at places that overlap", latin1("aaa"), "aa", "b", latin1("ba"), { replace_all: true }],
    ["next to an emoji", Buffer.from("😀a😀"), "a", "👍", Buffer.from("😀👍😀")],
  ])("%s", ([, content, old, now, result, more]) => {
    expect(edit(content, old, now, more).toString("latin1")).toBe(Buffer.from(result).toString("latin1"));
  });

  test.for<[what: string, content: Uint8Array, old: string, now: string, says: RegExp]>([
    [
      "a letter that an unknown encoding may lack",
      latin1("caf\xe9\nok"),
      "ok",
      "naïve",
      /is not UTF-8 and does not say what it is, so ï cannot be written.*"windows-1252"/,
    ],
    [
      "a letter that a named encoding lacks",
      latin1('<?xml version="1.0" encoding="latin1"?>\n\xe9'),
      "é",
      "漢",
      /is in windows-1252, which has no 漢/,
    ],
    [
      "a text that occurs once with CRLF and once with LF",
      latin1("a\r\nb\na\nb\n"),
      "a\nb",
      "c",
      /occurs 2 times in f\.txt, at lines 1, 3/,
    ],
    ["half a character", latin1("a"), "a", "\ud83d", /half of a surrogate pair/],
    ["a text that looks the same twice", Buffer.from("a\u00a0b\na\u202fb\n"), "a b", "c", /occurs 2 times/],
  ])("refuses %s", ([, content, old, now, says]) => {
    expect(() => edit(content, old, now)).toThrow(says);
  });

  const LINE_ENDS = ["\n", "\r\n"];
  const ENCODINGS = ["utf-8", "utf-8-bom", "utf-16", "utf-16be", "windows-1252", "shift_jis"];
  const word = fc.stringMatching(/^[a-z ]{1,6}$/);

  test("changes its line and no other byte, in every encoding and with every mix of line ends", () => {
    const lines = fc.array(fc.tuple(word, fc.constantFrom(...LINE_ENDS)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(lines, fc.nat(5), fc.constantFrom(...ENCODINGS), fc.boolean(), (all, at, named, ended) => {
        const which = at % all.length;
        const line = (text: string, end: string, i: number) => `${text}${i === all.length - 1 && !ended ? "" : end}`;
        const before = all.map(([text, end], i) => line(i === which ? "#old#" : text, end, i)).join("");
        const after = all.map(([text, end], i) => line(i === which ? `#new${end}er#` : text, end, i)).join("");
        const encoding = encodingNamed(named)!;
        const as = named === "utf-16be" ? { ...encoding, mark: true } : encoding;
        const file = textFileOf(encodeWhole(before, as)!, as)!;
        const edited = applyEdit("f", file, { old_text: "#old#", new_text: "#new\ner#" })!.file;
        // The last line has no end of its own: the one before it says how lines end here.
        const same = ended || which < all.length - 1 || all.length === 1;
        const wanted = same ? after : before.replace("#old#", `#new${all[which - 1]![1]}er#`);
        const expected = all.length === 1 && !ended ? before.replace("#old#", "#new\ner#") : wanted;
        expect(edited.text).toBe(expected);
        expect(edited.bytes).toEqual(Buffer.from(encodeWhole(expected, as)!));
      }),
      { numRuns: propertyRuns(60), seed: 2 },
    );
  });

  // Each of these took a minute, or gigabytes, when the whole file was looked through at every place.
  test.for([
    ["no line end", "", "\n"],
    ["a line end before it alone", "head\r\n", "\r\n"],
    ["a line end behind it alone", "", "\n", "\n"],
    ["a CRLF behind it alone", "", "\r\n", "\r\n"],
  ])("in a hundred thousand places of one long line with %s", ([, before, lineEnd, after = ""]) => {
    const text = (between: string) => Buffer.from(`${before}${`{"id":1}${between}`.repeat(100_000)}${after}`);
    const edited = edit(text(","), ",", ",\n", { replace_all: true });
    expect(Buffer.from(edited).equals(text(`,${lineEnd}`))).toBe(true);
  });

  test("that writes over a file of megabytes keeps its line ends", () => {
    const text = "0123456789\r\n".repeat(500_000);
    expect(edit(Buffer.from(text), text, "a\nb\n")).toEqual(Buffer.from("a\r\nb\r\n"));
  });
});
