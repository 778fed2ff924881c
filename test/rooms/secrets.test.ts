import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { addedContent } from "../../packages/secrets/added-content.ts";
import { createRedactor, redact } from "../../packages/secrets/redact.ts";
import { scanPatch } from "../../packages/secrets/scan.ts";

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

describe("a patch that adds a secret is held back", () => {
  it.each(Object.entries(SECRETS))("%s", async (_, secret) => {
    const reason = await scanPatch(gitPatch({ "src/config.txt": `first\n${secret}\n` }), []);
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

  it("but not for a secret that it removes, that was there, or that is only spoken of", async () => {
    const token = `ghp_${noise(36)}`;
    expect(await scanPatch(gitPatch({ a: "clean\n" }, { a: `${token}\n` }), [])).toBeUndefined();
    expect(await scanPatch(gitPatch({ a: `${token}\nnext\n` }, { a: `${token}\n` }), [])).toBeUndefined();
    const spoken = 'Reject "-----BEGIN RSA PRIVATE KEY-----" in uploads.\n';
    const harmless = `${spoken}sha512-${base64(noise(48))}\nAKIAIOSFODNN7EXAMPLE\n${"0f".repeat(20)}\n`;
    expect(await scanPatch(gitPatch({ a: harmless, "b.bin": Buffer.alloc(900, 3) }), [])).toBeUndefined();
  });
});

describe("a secret of ours leaves in no form", () => {
  const forms: Record<string, string> = {
    "as it is": OWN,
    "in JSON": JSON.stringify({ token: OWN }),
    "in a URL": `https://example.invalid/?t=${encodeURIComponent(OWN)}`,
    "with every character as %XX": Buffer.from(OWN).toString("hex").replace(/../g, "%$&"),
    "in hex": Buffer.from(OWN).toString("hex").toUpperCase(),
    "in base64": base64(OWN),
    "in base64 behind one character": base64(`x${OWN}`),
    "in base64 behind two": base64(`xy${OWN}tail`),
    "in base64 of a Basic header": base64(`x-access-token:${OWN}`),
    "in base64 for URLs": Buffer.from(`??>${OWN}`).toString("base64url"),
  };

  it.each(Object.entries(forms))("%s", async (_, form) => {
    expect((await scanPatch(gitPatch({ "a.txt": `x ${form} y\n` }), [OWN]))?.code).toBe("own-secret");
    const redacted = await redact(`x ${form} y`, [OWN]);
    expect(redacted).toContain("[redacted]");
    for (const whole of Object.values(forms)) expect(redacted).not.toContain(whole);
    expect(redacted).toMatch(/^x .* y$/);
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
  it.each(Object.entries(SECRETS))("takes out %s and keeps the rest", async (_, secret) => {
    const redacted = await redact(`before\n${secret}\nafter`, []);
    expect(redacted).toMatch(/^before\n[\s\S]*\[redacted [^\]]+\][\s\S]*\nafter$/);
    for (const line of secret.split("\n").filter((one) => one.length > 30))
      expect(redacted).not.toContain(line.slice(-20));
  });

  it("leaves ordinary output alone, quickly", async () => {
    const log =
      'at Order.take (src/order.js:12:7) "integrity": "sha512-2yyAR8qBkN3YuheJanUpWC5U3bb5osDywNB8RzDVlDw=="\n'.repeat(
        2_000,
      );
    const start = performance.now();
    expect(await redact(log, [OWN])).toBe(log);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describe("what a patch adds", () => {
  it("comes by file with the line numbers of the new one, however the file is called", () => {
    const patch = gitPatch(
      { "a b.txt": "1\n2\n+++ b/evil\nnew\n", 'q"ü.txt': "x\n", "dir/gone.txt": "" },
      { "a b.txt": "1\n2\n", "dir/gone.txt": "bye\n" },
    );
    const added = addedContent(patch);
    expect(added.find(({ path }) => path === "a b.txt")).toMatchObject({ text: "+++ b/evil\nnew", lines: [3, 4] });
    expect(added.find(({ path }) => path === "dir/gone.txt")).toMatchObject({ text: "" });
    expect(added.map(({ text }) => text)).toContain("x");
  });
});
