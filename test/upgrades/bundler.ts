import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { environmentThrough, startProxied, startStandIn } from "../sandbox/registries/stand-in.ts";

const run = promisify(execFile);
const REGISTRY = "https://rubygems.example/";

const GEMSPEC = `Gem::Specification.new do |spec|
  spec.name = "thing"
  spec.version = ENV.fetch("VERSION")
  spec.summary = "A thing"
  spec.authors = ["Cody"]
  spec.files = []
end
`;
const lockOf = (version: string) => `GEM
  remote: ${REGISTRY}
  specs:
    thing (${version})

PLATFORMS
  ruby

DEPENDENCIES
  thing
`;

export type BundlerResult = { kind: "raised"; requests: number } | { kind: "missing" } | { kind: "wrong"; why: string };

/**
 * Bundler itself, as commands reach registries, raises a gem of a stand-in: RubyGems' own registry is not to be reached
 * from every machine. The lock file names the registry, never the proxy, and the gem is installed.
 */
export async function tryBundler(folder: string): Promise<BundlerResult> {
  await mkdir(join(folder, "project"), { recursive: true });
  const plain = { PATH: process.env.PATH ?? "", HOME: folder, BUNDLE_PATH: join(folder, "gems"), LANG: "C.UTF-8" };
  if (!(await run("bundle", ["--version"], { env: plain, cwd: folder }).catch(() => undefined)))
    return { kind: "missing" };
  await writeFile(join(folder, "thing.gemspec"), GEMSPEC);
  const gems: Record<string, Buffer> = {};
  for (const version of ["1.0.0", "1.2.0"]) {
    await run("gem", ["build", "--silent", "thing.gemspec"], { cwd: folder, env: { ...plain, VERSION: version } });
    gems[version] = await readFile(join(folder, `thing-${version}.gem`));
  }
  const lines = Object.entries(gems).map(
    ([version, bytes]) => `${version} |checksum:${createHash("sha256").update(bytes).digest("hex")}`,
  );
  const info = ["---", ...lines, ""].join("\n");
  const md5 = createHash("md5").update(info).digest("hex");
  const versions = `created_at: 2026-01-05T09:00:00Z\n---\nthing ${Object.keys(gems).join(",")} ${md5}\n`;

  await using registry = await startStandIn();
  await using proxy = await startProxied(registry);
  registry.answers = ({ url = "" }, answer) => {
    const [, version = ""] = /^\/gems\/thing-(.*)\.gem$/.exec(url) ?? [];
    const body = url === "/versions" ? versions : url === "/info/thing" ? info : gems[version];
    if (body === undefined) answer.statusCode = 404;
    answer.end(body ?? "");
  };
  const project = join(folder, "project");
  const at = { cwd: project, env: { ...environmentThrough(proxy, folder), ...plain }, timeout: 120_000 };
  await writeFile(join(project, "Gemfile"), `source "${REGISTRY}"\n\ngem "thing"\n`);
  await writeFile(join(project, "Gemfile.lock"), lockOf("1.0.0"));
  try {
    await run("bundle", ["update", "thing"], at);
    const { stdout } = await run("bundle", ["list"], { ...at, env: plain });
    const lock = await readFile(join(project, "Gemfile.lock"), "utf8");
    const isRight = lock.startsWith(lockOf("1.2.0").split("PLATFORMS")[0]!) && stdout.includes("thing (1.2.0)");
    const refused = proxy.log.filter((one) => one.refused);
    if (isRight && refused.length === 0) return { kind: "raised", requests: proxy.log.length };
    return { kind: "wrong", why: `${lock}\n${stdout}\n${refused.map(({ path }) => path).join(" ")}` };
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return { kind: "wrong", why: `${error}\n${stdout}${stderr}` };
  }
}
