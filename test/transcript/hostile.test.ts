import { describe, expect, it } from "vitest";
import { withoutTerminalCodes } from "../../packages/text/terminal-codes.ts";
import { cpuMs } from "../cpu-time.ts";
import { ATTACKS, hostileTranscript } from "./attacks.ts";
import { pageOf } from "./stage.ts";

const ELEMENTS =
  "a article b body button code dd del desc details div dl dt figcaption figure h1 h2 h3 h4 head header html input ins label li line main mark meta nav ol output p path pre rect script section span style summary svg table tbody td text time title tr ul";
const ATTRIBUTES =
  "aria-label aria-labelledby autocomplete charset checked class content d data-find data-line datetime for height hidden href http-equiv id lang name open placeholder role text-anchor title type value viewBox width x x1 x2 y y1 y2";

function tags(page: string) {
  const body = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, "");
  return [...body.matchAll(/<\/?([^\s>/]+)((?:[^>"]|"[^"]*")*)>/g)].map(([, name, attributes]) => ({
    name: name!,
    attributes: [...attributes!.matchAll(/([^\s=/"]+)(?:="[^"]*")?/g)].map(([, one]) => one!),
  }));
}

describe("whatever a repository, a model or a person wrote", () => {
  const page = pageOf(hostileTranscript());

  it("adds no element and no attribute to the page", () => {
    const found = tags(page);
    const names = new Set([...found.map(({ name }) => name), "!doctype"]);
    expect([...names].filter((name) => ![...ELEMENTS.split(" "), "!doctype"].includes(name))).toEqual([]);
    const attributes = new Set(found.filter(({ name }) => name !== "!doctype").flatMap((one) => one.attributes));
    expect([...attributes].filter((name) => !ATTRIBUTES.split(" ").includes(name))).toEqual([]);
    expect(page.match(/<script>/g)).toHaveLength(1);
  });

  it("is all there, as text", () => {
    const shown = page
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&#39;", "'");
    for (const attack of Object.values(ATTACKS.markup)) expect(shown).toContain(attack.replaceAll("&", "&amp;"));
  });

  it("sends no link anywhere but to a turn or a file of this page", () => {
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, target]) => target);
    expect(links.filter((target) => !/^#(turn|file)-\d+$/.test(target!))).toEqual([]);
  });

  it("holds no control, direction or zero-width character; each is named where it stood", () => {
    expect(page).not.toMatch(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff\u{e0000}-\u{e007f}]/u);
    expect(page).toContain('<b class="hidden-character" title="right-to-left override">U+202E</b>');
    expect(page).toContain('<b class="hidden-character" title="zero-width space">U+200B</b>');
    expect(page).toMatch(/The patch holds \d+ characters that are not seen/);
  });

  it("code that stands behind a carriage return is on the line, and a forged header begins no file", () => {
    const diff = page.slice(page.indexOf('id="diff"'));
    expect(diff.match(/class="file"/g)).toHaveLength(2);
    expect(diff).toMatch(/U\+000D<\/b>(<[^>]*>)*curl/);
  });

  it("never takes longer than its length deserves", () => {
    const took = cpuMs(() => {
      for (const part of ["\x1b]", "\x1b[;", ";a", "\x9d", "\x1b ", "\x1b]8;;", "\u200c"])
        withoutTerminalCodes(`\x1b]8;${part.repeat(200_000)}`);
    });
    expect(took).toBeLessThan(2_000);
  });
});

describe("terminal codes", () => {
  const cases: [string, string, string][] = [
    ["colours", "\x1b[1;31mred\x1b[0m", "red"],
    ["a link (OSC 8)", "\x1b]8;;https://evil.example\x07safe\x1b]8;;\x1b\\", "safe"],
    ["a clipboard write (OSC 52)", "a\x1b]52;c;cm0gLXJm\x07b", "ab"],
    ["a title", "\x1b]0;owned\x07x", "x"],
    ["8-bit forms", "\x9b31mred\x9d52;c;QQ==\x9c!", "red!"],
    ["a device string", "\x1bPq#0\x1b\\x", "x"],
    ["cursor moves and erasing", "evil\x1b[2K\x1b[1Agood", "evilgood"],
    ["CRLF", "a\r\nb", "a\nb"],
  ];
  it.each(cases)("%s", (_, text, left) => {
    expect(withoutTerminalCodes(text)).toBe(left);
  });
});
