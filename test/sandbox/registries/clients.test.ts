import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scratchFolder } from "../../workspace/origin.ts";
import { environmentThrough, type Proxied, type StandIn, startProxied, startStandIn } from "./stand-in.ts";

const REGISTRY = "https://npm.example/";

describe("npm, as commands have it", () => {
  let standIn: StandIn;
  let proxy: Proxied;
  let folder: string;
  let env: Record<string, string>;
  let packed: Buffer;

  beforeAll(async () => {
    folder = await scratchFolder();
    mkdirSync(join(folder, "package"));
    writeFileSync(join(folder, "package/package.json"), '{"name":"thing","version":"1.2.3"}');
    execFileSync("tar", ["-czf", "thing.tgz", "package"], { cwd: folder });
    packed = readFileSync(join(folder, "thing.tgz"));
    standIn = await startStandIn();
    const integrity = `sha512-${createHash("sha512").update(packed).digest("base64")}`;
    const dist = { tarball: `${REGISTRY}thing/-/thing-1.2.3.tgz`, integrity };
    const versions = { "1.2.3": { name: "thing", version: "1.2.3", dist } };
    const about = JSON.stringify({ name: "thing", "dist-tags": { latest: "1.2.3" }, versions });
    standIn.answers = (asked, answer) => void answer.end(asked.url === "/thing" ? about : packed);
    proxy = await startProxied(standIn);
    env = {
      ...environmentThrough(proxy, folder),
      ...{ PATH: process.env.PATH!, HOME: folder, npm_config_registry: REGISTRY },
      npm_config_update_notifier: "false",
    };
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await standIn[Symbol.asyncDispose]();
  });
  const npm = (at: string, ...words: string[]) => promisify(execFile)("npm", words, { cwd: join(folder, at), env });
  const requests = () => standIn.arrived().match(/^[A-Z]+ \S+/gm);

  test("installs, and its lock file names the registry, never the proxy", async () => {
    mkdirSync(join(folder, "project"));
    writeFileSync(join(folder, "project/package.json"), '{"name":"project","version":"1.0.0"}');
    writeFileSync(join(folder, "project/.npmrc"), "//npm.example/:_authToken=$" + "{NPM_TOKEN}\n");
    const { stderr } = await npm("project", "install", "thing@1.2.3");
    expect(stderr).not.toContain("NPM_TOKEN");
    expect(standIn.arrived()).not.toMatch(/authorization/i);
    const lock = readFileSync(join(folder, "project/package-lock.json"), "utf8");
    expect(JSON.parse(lock).packages["node_modules/thing"].resolved).toBe(`${REGISTRY}thing/-/thing-1.2.3.tgz`);
    expect(lock).not.toMatch(new RegExp(`127\\.0\\.0\\.1|localhost|${proxy.port}`));
    expect(requests()).toEqual(["GET /thing", "GET /thing/-/thing-1.2.3.tgz"]);
  });

  test("publishes nothing, with a token of its own neither: not a byte arrives", async () => {
    standIn.forget();
    writeFileSync(join(folder, "package/package.json"), '{"name":"thing","version":"2.0.0"}');
    writeFileSync(join(folder, "package/.npmrc"), "//npm.example/:_authToken=token-of-the-repository\n");
    await expect(npm("package", "publish")).rejects.toThrow(/405/);
    expect(requests()?.filter((line) => !line.startsWith("GET")) ?? []).toEqual([]);
    expect(standIn.arrived()).not.toContain("token-of-the-repository");
    expect(proxy.log.filter(({ refused }) => refused).map(({ method, status }) => [method, status])).toContainEqual([
      "PUT",
      405,
    ]);
  });
});
