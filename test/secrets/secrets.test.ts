import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { visible } from "../../packages/encoding/visible.ts";
import { addedContent } from "../../packages/secrets/added-content.ts";
import { findSecrets } from "../../packages/secrets/find.ts";
import { createRedactor, redact } from "../../packages/secrets/redact.ts";
import { scanPatch } from "../../packages/secrets/scan.ts";
import { placeholdersIn } from "../../packages/text/placeholder.ts";

// Made here, so that no scanner of this repository finds a secret in it.
const noise = (chars: number, seed = "s") => {
  let text = "";
  while (text.length < chars)
    text += createHash("sha256")
      .update(seed + text.length)
      .digest("base64")
      .replace(/[^A-Za-z0-9]/g, "");
  return text.slice(0, chars);
};
const OWN = `forge-write-${noise(24, "own")}`;
const BODY = [0, 1, 2, 3, 4].map((line) => noise(64, `pem${line}`));
const PEM = [`-----BEGIN RSA ${"PRIVATE"} KEY-----`, ...BODY, `-----END RSA ${"PRIVATE"} KEY-----`].join("\n");
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const JWT = `${part({ alg: "RS256", typ: "JWT" })}.${part({ sub: "service", iat: 1_700_000_000 })}.${noise(43)}`;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const wrapped = (text: string) => text.replace(/.{64}/g, "$&\n");

const SECRETS: Record<string, string> = {
  "a private key": PEM,
  "a private key in one string with escaped line ends": `const key = "${PEM.replaceAll("\n", "\\n")}";`,
  "a private key in base64": base64(PEM),
  "a private key in base64 of 64 columns": wrapped(base64(PEM)),
  "a private key without its last line": PEM.split("\n").slice(0, -1).join("\n"),
  "an old GitHub token": `ghp_${noise(36)}`,
  "a fine-grained GitHub token": `github_pat_${noise(22)}_${noise(59)}`,
  "an installation token of 2026": `ghs_123456_${JWT}`,
  "a GitHub token in base64": base64(`token: ghp_${noise(36)}`),
  "a JSON Web Token": JWT,
  "an Anthropic key": `sk-ant-api03-${noise(93)}AA`,
  "an Anthropic login token": `sk-ant-oat01-${noise(93)}AA`,
  "a Slack bot token": `xoxb-123456789012-1234567890123-${noise(24)}`,
  "a Slack app token": `xapp-1-A0123456789-1234567890123-${noise(64).toLowerCase()}`,
  "an AWS secret key": `aws_secret_access_key = ${noise(40)}`,
  "an AWS secret key in quotes": `"secretAccessKey": "${noise(40)}",`,
  "an AWS key id": `AKIA${"QWERTYUIOPASDFGH"}`,
};

/** What git itself writes about a change from `before` to `after`. */
function gitPatch(
  after: Record<string, string | Uint8Array>,
  before: Record<string, string | Uint8Array> = {},
): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "cody-secrets-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: folder, env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null" } });
  const write = (files: Record<string, string | Uint8Array>) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  };
  git("init", "--quiet");
  write(before);
  git("add", "-A");
  const base = git("write-tree").toString().trim();
  write(after);
  git("add", "-A");
  return git("diff", "--cached", "--binary", "--full-index", base);
}

/** Like git's, of text files that are new. */
const patchOf = (files: Record<string, string>): Buffer =>
  Buffer.from(
    Object.entries(files)
      .map(([path, content]) => {
        const lines = content.replace(/\n$/, "").split("\n");
        const head = `diff --git a/${path} b/${path}\nnew file mode 100644\nindex ${"0".repeat(40)}..${"1".repeat(40)}\n`;
        return `${head}--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join("")}`;
      })
      .join(""),
  );

describe("a patch that adds a secret is held back", () => {
  it.each(Object.entries(SECRETS))("%s", async (_, secret) => {
    const reason = await scanPatch(patchOf({ "src/config.txt": `first\n${secret}\n` }), []);
    expect(reason?.code).toBe("secret");
    expect(reason?.message).toMatch(/in src\/config\.txt, line 2/);
    expect(JSON.stringify(reason)).not.toContain(secret.slice(-12));
  });

  it("also in a binary file, new or changed", async () => {
    const bytes = Buffer.concat([Buffer.alloc(4_000, 7), Buffer.from([0, 1, 2])]);
    const hidden = Buffer.concat([bytes, Buffer.from(`\0ghp_${noise(36)}\0`)]);
    expect((await scanPatch(gitPatch({ "a.bin": hidden }), []))?.message).toMatch(/GitHub token|github/i);
    expect((await scanPatch(gitPatch({ "a.bin": hidden }, { "a.bin": bytes }), []))?.message).toMatch(/in a\.bin/);
  });

  it("also in a file's name, and behind a comment that would switch the rules off", async () => {
    expect((await scanPatch(gitPatch({ [`ghp_${noise(36)}`]: "x\n" }), []))?.message).toMatch(/in file names/);
    const silenced = `// secretlint-disable\nconst t = "glpat-${noise(20)}";\n`;
    expect((await scanPatch(gitPatch({ "a.js": silenced }), []))?.message).toMatch(
      /^The patch adds .* gitlab in a\.js, line 2/,
    );
  });

  it("also in a line of megabytes, and where pieces of a file meet", async () => {
    const token = `ghp_${noise(36)}`;
    const long = `x\n${"lorem ".repeat(400_000)}${token}\n`;
    expect((await scanPatch(patchOf({ a: long }), []))?.message).toMatch(/in a, line 2/);
    const key = PEM.split("\n");
    const lines = [...Array.from({ length: 16_370 }, (_, i) => `line ${i} of a file of many lines`), ...key];
    expect((await scanPatch(patchOf({ a: lines.join("\n") }), []))?.message).toMatch(/private key in a, line 16371/i);
  });

  it("thousands of files are looked at in pieces and leave no performance marks", async () => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`src/${i}.txt`, `line ${i}\nanother\n`]));
    const patch = patchOf(many);
    const marks = performance.getEntriesByType("mark").length;
    expect(await scanPatch(patch, [OWN])).toBeUndefined();
    expect(performance.getEntriesByType("mark")).toHaveLength(marks);
    const last = patchOf({ ...many, "src/1999.txt": `one\nghp_${noise(36)}\n` });
    expect((await scanPatch(last, [OWN]))?.message).toMatch(/in src\/1999\.txt, line 2/);
  });

  it("but not for a secret that it removes, that was there, or that is only spoken of", async () => {
    const token = `ghp_${noise(36)}`;
    expect(await scanPatch(gitPatch({ a: "clean\n" }, { a: `${token}\n` }), [])).toBeUndefined();
    expect(await scanPatch(gitPatch({ a: `${token}\nnext\n` }, { a: `${token}\n` }), [])).toBeUndefined();
    const spoken = 'Reject "-----BEGIN RSA PRIVATE KEY-----" in uploads.\n';
    const harmless = `${spoken}sha512-${base64(noise(48))}\nAKIAIOSFODNN7EXAMPLE\n${"0f".repeat(20)}\n`;
    expect(await scanPatch(gitPatch({ a: harmless, "b.bin": Buffer.alloc(900, 3) }), [])).toBeUndefined();
  });
});

describe("a placeholder is never published for the secret it stands for", () => {
  const added = `const KEY = "[redacted AWS key id]";\n`;

  it("unless the base holds the same words", async () => {
    const asked: string[] = [];
    const base = (holds: boolean) => ({ baseHolds: async (words: string) => asked.push(words) > 0 && holds });
    const patch = patchOf({ "src/a.ts": `x\n${added}`, "src/b.ts": `${added}[redacted]\n` });
    const reason = await scanPatch(patch, [], base(false));
    expect(reason).toMatchObject({
      code: "placeholder",
      message: expect.stringMatching(/writes \[redacted AWS key id\] in src\/a\.ts, line 2/),
    });
    expect(await scanPatch(patch, [], base(true))).toBeUndefined();
    expect(asked).toEqual(["[redacted AWS key id]", "[redacted AWS key id]", "[redacted]"]);
    expect((await scanPatch(patch, []))?.code).toBe("placeholder");
  });

  it("a line that is removed or unchanged counts for nothing", async () => {
    expect(await scanPatch(gitPatch({ a: "new\n" }, { a: added }), [])).toBeUndefined();
    expect(await scanPatch(gitPatch({ a: `${added}new\n` }, { a: added }), [])).toBeUndefined();
  });

  it("every placeholder that the redactor writes is known as one", async () => {
    for (const secret of [...Object.values(SECRETS), OWN]) {
      const redacted = await redact(`x ${secret} y`, [OWN]);
      expect(placeholdersIn(redacted).length).toBeGreaterThan(0);
      expect(redacted.replaceAll(/\[redacted[^\]\n]*\]/g, "")).not.toMatch(/redacted/);
    }
    expect(placeholdersIn("[REDACTED] [redacted for now, see below] redacted")).toEqual([]);
  });
});

describe("a secret of ours leaves in no form", () => {
  const KEY = `sk-ant-api03-${noise(45, "key")}`;
  const each = (text: string, form: (code: number, char: string) => string, between = "") =>
    [...text].map((char) => form(char.charCodeAt(0), char)).join(between);
  const hex = (code: number) => code.toString(16).padStart(2, "0");
  const half = (text: string) => [text.slice(0, 20), text.slice(20)] as const;
  const columns = (text: string, width: number) => text.replace(new RegExp(`.{${width}}`, "g"), "$&\n");
  const base32 = (text: string) =>
    each(text, (code) => code.toString(2).padStart(8, "0"))
      .match(/.{1,5}/g)!
      .map((bits) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Number.parseInt(bits.padEnd(5, "0"), 2)])
      .join("");

  const FORMS: Record<string, (secret: string) => string> = {
    "as it is": (s) => s,
    "in JSON": (s) => JSON.stringify({ token: s }),
    "in JSON in JSON": (s) => JSON.stringify(JSON.stringify({ token: s })),
    "in a URL": (s) => `https://example.invalid/?t=${encodeURIComponent(s)}`,
    "with every character as %XX": (s) => each(s, (code) => `%${hex(code)}`),
    "with its hyphens as %2D": (s) => s.replaceAll("-", "%2D"),
    "with one character as \\u006b": (s) => s.replace("-", "\\u002d").replace("e", "\\u0065"),
    "in hex": (s) => Buffer.from(s).toString("hex").toUpperCase(),
    "in spaced hex": (s) => each(s, hex, " "),
    "in hex with colons, wrapped": (s) => columns(each(s, hex, ":"), 48),
    "as a list of 0x73": (s) => each(s, (code) => `0x${hex(code)}`, ", "),
    "as \\x73": (s) => each(s, (code) => `\\x${hex(code)}`),
    "as \\u0073": (s) => each(s, (code) => `\\u00${hex(code)}`),
    "as \\u{73}": (s) => each(s, (code) => `\\u{${code.toString(16)}}`),
    "as \\163": (s) => each(s, (code) => `\\${code.toString(8).padStart(3, "0")}`),
    "as &#115;": (s) => each(s, (code) => `&#${code};`),
    "as &#x73;": (s) => each(s, (code) => `&#x${hex(code)};`),
    "with its hyphens as &#45;": (s) => s.replaceAll("-", "&#45;"),
    "as a list of numbers": (s) => JSON.stringify([...Buffer.from(s)]),
    "as quoted-printable": (s) => each(s, (code) => `=${hex(code).toUpperCase()}`).replace(/.{72}/g, "$&=\n"),
    "in base64": base64,
    "in base64 behind one character": (s) => base64(`x${s}`),
    "in base64 behind two": (s) => base64(`xy${s}tail`),
    "in base64 of a Basic header": (s) => base64(`x-access-token:${s}`),
    "in base64 for URLs": (s) => Buffer.from(`??>${s}`).toString("base64url"),
    "in base64 of 76 columns": (s) => columns(base64(`some words that come before it ${s} and after it`), 76),
    "in base64 of 20 columns in source code": (s) => columns(base64(s), 20).replaceAll("\n", '" +\n  "'),
    "in base64 of base64": (s) => base64(base64(`key: ${s}`)),
    "in base64 of UTF-16": (s) => Buffer.from(`$k='${s}'`, "utf16le").toString("base64"),
    "in base64 of hex": (s) => base64(Buffer.from(s).toString("hex")),
    "in base32": base32,
    "in base32 behind two characters": (s) => base32(`xy${s}`),
    backwards: (s) => [...s].reverse().join(""),
    "in upper case": (s) => s.toUpperCase(),
    "with a space inside": (s) => half(s).join(" "),
    "with a newline inside": (s) => half(s).join("\n"),
    "with an escaped newline inside": (s) => half(s).join("\\n"),
    "with spaces between all characters": (s) => each(s, (_, char) => char, " "),
    "with zero-width characters": (s) => each(s, (_, char) => char, "\u200b\u2060\ufeff"),
    "with soft hyphens": (s) => each(s, (_, char) => char, "\u00ad"),
    "in pieces of a string": (s) => half(s).join('" + "'),
    "in pieces over lines": (s) => half(s).join('" \\\n    "'),
    "in pieces of PHP and SQL": (s) => half(s).join("' . '"),
    "as UTF-16": (s) => Buffer.from(s, "utf16le").toString("latin1"),
    "behind line ends of Windows": (s) => columns(s, 16).replaceAll("\n", "\r\n"),
  };

  it.each(Object.entries(FORMS))("%s", async (_, form) => {
    const files = Object.fromEntries([OWN, KEY].map((secret, i) => [`${i}.txt`, `x (${form(secret)}) y\n`]));
    for (const [path, content] of Object.entries(files))
      expect((await scanPatch(patchOf({ [path]: content }), [OWN, KEY]))?.code).toBe("own-secret");
    for (const secret of [OWN, KEY]) {
      const redacted = createRedactor([OWN, KEY]).redactOwn(`x (${form(secret)}) y`);
      expect(redacted).toContain("[redacted]");
      expect(redacted).toMatch(/^x \([\s\S]*\) y$/);
      // All but a mark or two around it is gone.
      const left = redacted.replace("https://example.invalid/", "").replaceAll("[redacted]", "");
      expect(left.replace(/[^A-Za-z0-9]/g, "").length).toBeLessThanOrEqual(24);
    }
  });

  it("and ordinary text that looks a little like one stays as it is", () => {
    const redactor = createRedactor([OWN, KEY, "local-development-token", "hunter2hunter2"]);
    for (const text of [
      "the local development token, and forge-write tokens in general",
      `${KEY.slice(0, 13)} is how such keys begin, ${OWN.slice(0, 12)} how those do`,
      "hunter2 hunter2 hunter2",
      "a".repeat(5_000),
      `${"0123456789abcdef".repeat(300)}\n${"%20".repeat(300)}`,
    ])
      expect(redactor.redactOwn(text)).toBe(text);
    expect(redactor.redactOwn("local-development-token hunter2hunter2")).toBe("[redacted] [redacted]");
  });

  it("in a removed line, over two lines, or inside a binary file", async () => {
    const patches = [
      gitPatch({ a: "x\n" }, { a: `${OWN}\n` }),
      gitPatch({ a: base64(`${noise(40)}${OWN}${noise(40)}`).replace(/.{20}/g, "$&\n") }),
      gitPatch({ a: Buffer.concat([Buffer.alloc(100), Buffer.from(OWN)]) }),
    ];
    for (const patch of patches) expect((await scanPatch(patch, [OWN]))?.code).toBe("own-secret");
  });

  it("whatever the secret and whatever stands around it in base64", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12, maxLength: 60 }), fc.string(), fc.string(), (secret, before, after) => {
        const sent = Buffer.from(before + secret + after).toString("base64");
        expect(createRedactor([secret]).redactOwn(sent)).toContain("[redacted]");
      }),
      { seed: 7 },
    );
  });

  it("and a variable that is empty or a short word redacts nothing", async () => {
    expect(await redact("the quick brown fox", ["", "fox", "brown"])).toBe("the quick brown fox");
  });
});

describe("redacting text before it is stored", () => {
  const placeholdersOf = (text: string) => text.match(/\[redacted[^\]]*\]/g)?.length ?? 0;

  it.each(Object.entries(SECRETS))("takes out %s and keeps the rest", async (_, secret) => {
    const redacted = await redact(`before\n${secret}\nafter`, []);
    expect(redacted).toMatch(/^before\n[\s\S]*\[redacted [^\]]+\][\s\S]*\nafter$/);
    for (const line of secret.split("\n").filter((one) => one.length > 30))
      expect(redacted).not.toContain(line.slice(-20));
  });

  it("lines stay lines, so that they can be numbered afterwards", async () => {
    const text = `1\n${PEM}\n3 ghp_${noise(36)} x\n`;
    const lines = (await redact(text, [])).split("\n");
    expect(lines).toEqual([
      "1",
      ...PEM.split("\n").map(() => "[redacted private key]"),
      "3 [redacted GitHub token] x",
      "",
    ]);
  });

  const prefixed = (prefix: (line: number) => string) =>
    PEM.split("\n")
      .map((line, i) => `${prefix(i + 1)}${line}`)
      .join("\n");
  it.each([
    ["cat -n", prefixed((line) => `${String(line).padStart(6)}\t`)],
    ["grep -rn", prefixed((line) => `conf/key.pem:${line}:`)],
    ["a diff that adds it", prefixed(() => "+")],
    ["a diff that removes it", prefixed(() => "-")],
    ["a quotation", prefixed(() => "> ")],
    ["a comment", prefixed(() => "# ")],
    ["YAML", prefixed(() => "      ")],
    ["Windows line ends", PEM.replaceAll("\n", "\r\n")],
    ["tail, which cuts its beginning off", PEM.split("\n").slice(2).join("\n")],
    [
      "an encrypted key's headers",
      PEM.replace("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0123456789ABCDEF\n\n"),
    ],
  ])("takes out a private key printed by %s", async (_, printed) => {
    const redacted = await redact(`before\n${printed}\nafter`, []);
    for (const line of BODY.slice(2)) expect(redacted).not.toContain(line.slice(0, 30));
    expect(redacted).toMatch(/^before\n[\s\S]*\nafter$/);
    expect(redacted.split("\n")).toHaveLength(printed.split("\n").length + 2);
  });

  it.each<[string, (token: string) => string]>([
    ["wrapped once", (token) => `Using ${token.slice(0, 20)}\n${token.slice(20)}\nDone`],
    ["wrapped at ten columns", (token) => token.replace(/.{10}/g, "$&\n")],
    ["wrapped with CR LF, indented", (token) => `a: ${token.slice(0, 9)}\r\n    ${token.slice(9)}\r\nDone 1`],
    [
      "wrapped, each line with its time and level",
      (token) =>
        ["a=", ""]
          .map((is, i) => `2026-11-28T10:00:00.123Z [INFO] ${is}${token.slice(i * 25, i * 25 + 25 + i * 900)}`)
          .join("\n"),
    ],
    ["wrapped by a build of images", (token) => `#12 3.456 ${token.slice(0, 30)}\n#12 3.457 ${token.slice(30)}`],
    ["wrapped in a box", (token) => `│ ${token.slice(0, 30)}\n│ ${token.slice(30)}`],
    ["wrapped in a box with both sides", (token) => token.replace(/.{1,25}/g, (part) => `│ ${part.padEnd(25)} │\n`)],
    ["coloured", (token) => `\u001b[1;32m${token}\u001b[0m`],
    ["coloured from its beginning, and inside", (token) => `\u001b[32m${token.slice(0, 12)}\u001b[m${token.slice(12)}`],
    ["coloured, in JSON", (token) => JSON.stringify({ said: `\u001b[32m${token}\u001b[39m` })],
    ["the beginning of a line in JSON", (token) => JSON.stringify({ said: `first\n${token}\n` })],
    ["behind what JSON and addresses escape", (token) => `a\\u003d${token}&b=%3D${token}&`],
    ["coloured inside", (token) => `${token.slice(0, 12)}\u001b[0m\u001b[31m${token.slice(12)}`],
    ["coloured inside, made visible", (token) => `${token.slice(0, 12)}\\u{1b}[31m${token.slice(12)}`],
    [
      "with marks of no width",
      (token) => `${token.slice(0, 12)}\u200b${token.slice(12, 20)}\\u{202e}${token.slice(20)}`,
    ],
  ])("knows a token that is %s, and leaves no piece of it", async (_, spread) => {
    for (const name of ["an old GitHub token", "an installation token of 2026", "an Anthropic key"]) {
      const token = SECRETS[name]!;
      const printed = `x
some-words-1
${spread(token)}`;
      const shown = await redact(printed, []);
      expect(shown).toContain("[redacted");
      expect(shown.split("\n")).toHaveLength(printed.split("\n").length);
      for (let at = 0; at + 8 <= token.length; at += 4) expect(shown).not.toContain(token.slice(at, at + 8));
    }
  });

  it("is through with rows of colours as soon as with words: also where a word or a line stands before them", async () => {
    const colours = "\u001b[0m".repeat(20_000);
    const text = [`a${colours} `, `a1\n${colours} `, `a1\n| ${colours} `, visible(`a${colours} `)].join("\n\n");
    const before = process.cpuUsage();
    expect(await redact(text, [])).toBe(text);
    const { user, system } = process.cpuUsage(before);
    // Each of them took half a minute and more when every colour began anew.
    expect((user + system) / 1_000).toBeLessThan(5_000);
  });

  it("knows a password in an address also where it has an escape before what looks like a token", async () => {
    const address = "postgres://app:s3cret%21ab_cdefghijklmnopqrstuvw@db.example.invalid:5432/orders";
    const shown = await redact(`to ${address} now`, []);
    expect(shown).toMatch(/^to \[redacted [^\]]*\] now$/);
  });

  it("knows a password in an address where it or the name before it has an escape", async () => {
    const shown = await redact("https://ada%40example.invalid:s3cretWord9@git/a https://ada:s3cret%40Word9@git/b", []);
    expect(shown).toBe(
      "https://ada%40example.invalid:[redacted password in an address]@git/a https://ada:[redacted password in an address]@git/b",
    );
    for (const harmless of [
      "https://$" + "{USER}:$" + "{PASSWORD}%40@git",
      "https://a.example/b%20c:d@e",
      "https://%s:%s@git",
    ])
      expect(await redact(harmless, [])).toBe(harmless);
  });

  it("takes no word of the next line with it", async () => {
    const token = SECRETS["an old GitHub token"]!;
    const printed = `GITHUB_TOKEN=${token}\nHOME=/root\nPATH=/bin`;
    expect(await redact(printed, [])).toBe("GITHUB_TOKEN=[redacted GitHub token]\nHOME=/root\nPATH=/bin");
    expect(await redact(`${token}\nError: 404`, [])).toBe("[redacted GitHub token]\nError: 404");
    const key = SECRETS["an AWS secret key"]!;
    expect(await redact(`${key.slice(0, 50)}\n${key.slice(50)}\nregion`, [])).toBe(
      "aws_secret_access_key = [redacted AWS secret key]\n[redacted AWS secret key]\nregion",
    );
    const half = `Using ${token.slice(0, 20)}\n${token.slice(20)}\nHOME=/root`;
    expect(await redact(half, [])).toBe("Using [redacted GitHub token]\n[redacted GitHub token]\nHOME=/root");
  });

  it("leaves lists of sums, versions and words over lines as they are", async () => {
    const sums = Array.from(
      { length: 40 },
      (_, i) => `${createHash("sha256").update(`${i}`).digest("hex")}  file-${i}.tar.gz`,
    );
    const words = `${sums.join("\n")}\nuse ghp_\nsomething-1.2.3-else/and-so-on\nsk-ant-\napi03\nAKIA\nxoxb-`;
    expect(await redact(words, [])).toBe(words);
  });

  it("takes out npm's tokens whatever the file is called", async () => {
    const line = (value: string) => `//registry.example.invalid/:_authToken=${value}`;
    expect(await redact(line("00000000-1111-2222-3333-444444444444"), [])).toBe(line("[redacted npm token]"));
    for (const harmless of ["$" + "{NPM_TOKEN}", "<your token>", "YOUR-TOKEN-GOES-HERE"])
      expect(await redact(line(harmless), [])).toBe(line(harmless));
  });

  it("every string of a value, names too, and the very same value when there is nothing", async () => {
    const { redactAll } = createRedactor([OWN]);
    const token = `ghp_${noise(36)}`;
    const value = { turns: 3, at: null, list: ["plain", `a ${token}`, { [`k ${OWN}`]: [true, OWN] }] };
    expect(await redactAll(value)).toEqual({
      turns: 3,
      at: null,
      list: ["plain", "a [redacted GitHub token]", { "k [redacted]": [true, "[redacted]"] }],
    });
    const clean = { words: ["a".repeat(100), "b"], more: [{}, []] };
    expect(await redactAll(clean)).toBe(clean);
    expect(await redactAll(["split over ghp_", noise(36)])).toEqual(["split over ghp_", noise(36)]);
  });

  // Each of these took minutes, or gigabytes: any file of any repository is read like this.
  it.each([
    ["a key's beginning before what may be headers", `-----BEGIN ${"PRIVATE"} KEY-----\n${"Aa: ".repeat(5_000)}`, 0],
    ["thousands of beginnings of tokens", `${"-eyJ".repeat(20_000)} ${"=_auth=a".repeat(20_000)}`, 0],
    ["one secret at thousands of places", "https://user:pass1234@example.com/\n".repeat(5_000), 5_000],
  ])("is done with %s", async (_, text, secrets) => {
    expect(placeholdersOf(await redact(text, []))).toBe(secrets);
    expect((await findSecrets(text)).length).toBeLessThanOrEqual(2 * secrets);
  });

  it("knows a key with headers, in lines or escaped in a string", async () => {
    const [begin, ...rest] = PEM.split("\n");
    const key = [begin, "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,0123456789ABCDEF", "", ...rest].join("\n");
    for (const text of [key, key.replaceAll("\n", "\r\n"), JSON.stringify({ key })])
      for (const line of BODY) expect(await redact(text, [])).not.toContain(line);
  });

  it("leaves ordinary output alone, quickly", async () => {
    const log =
      'at Order.take (src/order.js:12:7) "integrity": "sha512-2yyAR8qBkN3YuheJanUpWC5U3bb5osDywNB8RzDVlDw=="\n'.repeat(
        2_000,
      );
    const start = performance.now();
    expect(await redact(log, [OWN])).toBe(log);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe("what a patch adds", () => {
  it("comes by file with the line numbers of the new one, however the file is called", () => {
    const patch = gitPatch(
      { "a b.txt": "1\n2\n+++ b/evil\nnew\n", 'q"ü.txt': "x\n", "dir/gone.txt": "" },
      { "a b.txt": "1\n2\n", "dir/gone.txt": "bye\n" },
    );
    const added = [...addedContent(patch)];
    expect(added.find(({ path }) => path === "a b.txt")).toMatchObject({ text: "+++ b/evil\nnew", lines: [3, 4] });
    expect(added.find(({ path }) => path === "dir/gone.txt")).toMatchObject({ text: "" });
    expect(added.map(({ text }) => text)).toContain("x");
  });

  it("holds what the reader does not understand", async () => {
    const patch = gitPatch({ "a.txt": "one\n" });
    const token = `ghp_${noise(36)}`;
    for (const behind of [`no patch at all ${token}\n`, `@@ -1,9 +1,9 @@\n+${token}\n`]) {
      const broken = Buffer.concat([patch, Buffer.from(behind)]);
      expect([...addedContent(broken)].map(({ text }) => text).join("\n")).toContain(token);
      expect(await scanPatch(broken, [])).toBeDefined();
    }
  });

  it.each([
    ["in one line", ""],
    ["in many lines", "\n"],
  ])("holds a long file's every part whole in one of its pieces, %s", (_, end) => {
    const lines = Array.from({ length: 2_500 }, (_, i) => `${String(i).padStart(8, "0")}${noise(392, String(i))}`);
    const pieces = [...addedContent(gitPatch({ "long.txt": `${lines.join(end)}\n` }))].map(({ text }) => text);
    expect(pieces.length).toBeGreaterThan(1);
    const parts = lines.slice(0, -19).map((_, i) => lines.slice(i, i + 20).join(end));
    expect(parts.filter((part) => !pieces.some((piece) => piece.includes(part)))).toEqual([]);
  });
});
