import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where an installer of toolchains puts them in a person's HOME. Nothing else of HOME is ever seen by commands. */
export type Installer = {
  /** Below HOME, unless the variable says another folder. */
  at: string;
  variable?: string;
  /** What commands see of it. No file here holds a secret: settings and logins stand beside these. */
  shows: readonly string[];
  /** Folders with programs, relative to the place; the first ones come first in PATH. */
  programs(root: string, home: string): string[];
  /** Another place whose programs this one's only stand in for: those come first. */
  behind?: string;
  /** Variables of commands: name to what they point at, relative to the place. */
  sets?: Readonly<Record<string, string>>;
};

const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
const textOf = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");

/** 3.12.1 before 3.9.18; links (`latest`, `3.12`) stand for one of the others. */
const newestFirst = (folder: string) =>
  (existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [])
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));

/** The versions that the person chose, then the others: a program with its version in its name is found as well. */
const preferred = (chosen: readonly string[], all: readonly string[]) => [
  ...chosen
    .filter(Boolean)
    .flatMap((version) =>
      all
        .filter((one) => one === version || (/^[.-]/.test(one.slice(version.length)) && one.startsWith(version)))
        .slice(0, 1),
    ),
  ...all,
];

/** pyenv and those that are made after it. Their shims start a shell for every call and know their own place only. */
const environments = (at: string, variable: string): Installer => ({
  at,
  variable,
  shows: ["versions"],
  programs: (root) =>
    preferred(textOf(join(root, "version")).split(/\s+/), newestFirst(join(root, "versions"))).map(
      (version) => `versions/${version}/bin`,
    ),
});

/** asdf and mise: `installs/<tool>/<version>`, with the programs in `bin` or in the folder itself. */
const installs = (at: string, variable: string): Installer => ({
  at,
  variable,
  shows: ["installs"],
  programs: (root, home) => {
    const chosen = new Map(
      textOf(join(home, ".tool-versions"))
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .map(([tool = "", ...versions]) => [tool, versions]),
    );
    return namesIn(join(root, "installs")).flatMap((tool) => {
      const all = newestFirst(join(root, "installs", tool));
      return preferred(chosen.get(tool) ?? [], all)
        .slice(0, 1)
        .map((version) => `installs/${tool}/${version}`)
        .map((folder) => (existsSync(join(root, folder, "bin")) ? `${folder}/bin` : folder));
    });
  },
});

const nodeVersions = (root: string, versions: string, chosen: string) =>
  preferred([chosen.trim(), `v${chosen.trim()}`], newestFirst(join(root, versions)));

export const INSTALLERS: readonly Installer[] = [
  environments(".pyenv", "PYENV_ROOT"),
  environments(".rbenv", "RBENV_ROOT"),
  environments(".goenv", "GOENV_ROOT"),
  environments(".nodenv", "NODENV_ROOT"),
  installs(".asdf", "ASDF_DATA_DIR"),
  installs(".local/share/mise", "MISE_DATA_DIR"),
  {
    at: ".rustup",
    variable: "RUSTUP_HOME",
    shows: ["toolchains", "settings.toml"],
    programs: (root) => {
      const [, chosen = "stable"] = /^default_toolchain *= *"(.+)"/m.exec(textOf(join(root, "settings.toml"))) ?? [];
      return preferred([chosen], newestFirst(join(root, "toolchains")))
        .slice(0, 1)
        .map((toolchain) => `toolchains/${toolchain}/bin`);
    },
    sets: { RUSTUP_HOME: "." },
  },
  // The toolchain itself before rustup's stand-ins for it, which would fetch what a repository names.
  { at: ".cargo", variable: "CARGO_HOME", shows: ["bin"], programs: () => ["bin"], behind: ".rustup" },
  {
    at: ".nvm",
    variable: "NVM_DIR",
    shows: ["versions"],
    programs: (root) =>
      nodeVersions(root, "versions/node", textOf(join(root, "alias/default")))
        .slice(0, 1)
        .map((version) => `versions/node/${version}/bin`),
  },
  {
    at: ".local/share/fnm",
    variable: "FNM_DIR",
    shows: ["node-versions"],
    programs: (root) =>
      newestFirst(join(root, "node-versions"))
        .slice(0, 1)
        .map((version) => `node-versions/${version}/installation/bin`),
  },
  {
    at: ".volta",
    variable: "VOLTA_HOME",
    shows: ["tools/image"],
    programs: (root) =>
      namesIn(join(root, "tools/image")).flatMap((tool) =>
        newestFirst(join(root, "tools/image", tool))
          .slice(0, 1)
          .map((version) => `tools/image/${tool}/${version}/bin`),
      ),
  },
  {
    at: ".sdkman",
    variable: "SDKMAN_DIR",
    shows: ["candidates"],
    programs: (root) => namesIn(join(root, "candidates")).map((tool) => `candidates/${tool}/current/bin`),
  },
  {
    at: ".dotnet",
    variable: "DOTNET_ROOT",
    shows: ["dotnet", "host", "packs", "sdk", "sdk-manifests", "shared", "templates"],
    programs: () => ["."],
    sets: { DOTNET_ROOT: "." },
  },
  { at: "go", variable: "GOPATH", shows: ["bin"], programs: () => ["bin"] },
  { at: ".bun", shows: ["bin"], programs: () => ["bin"] },
  { at: ".deno", shows: ["bin"], programs: () => ["bin"] },
  {
    at: ".local/share/uv",
    shows: ["python"],
    programs: (root) => newestFirst(join(root, "python")).map((version) => `python/${version}/bin`),
  },
  { at: ".local/share/pypoetry", shows: ["venv"], programs: () => ["venv/bin"] },
  { at: ".local/share/pnpm", variable: "PNPM_HOME", shows: ["pnpm", ".tools"], programs: () => ["."] },
  // People keep scripts of their own there, with whatever stands in them: programs by their names, no more.
  { at: ".local/bin", shows: ["uv", "uvx", "mise"], programs: () => ["."] },
];

/** /usr/local/bin/gradle is often a link to /opt/gradle/bin/gradle: for these names the place it leads to is seen too. */
export const PROGRAMS = [
  ...["java", "javac", "mvn", "gradle", "sbt", "kotlinc", "scala", "lein", "go", "gofmt", "cargo", "rustc"],
  ...["node", "npm", "pnpm", "yarn", "bun", "deno", "python3", "python", "uv", "poetry", "ruby", "bundle"],
  ...["php", "composer", "dotnet", "swift", "dart", "flutter", "elixir", "mix", "ghc", "cabal", "stack", "zig"],
  ...["cmake", "ninja", "bazel", "buf", "protoc"],
] as const;

/** Toolchains outside HOME that stand on no PATH unless a shell put them there. */
export const ELSEWHERE = [
  "/usr/local/go/bin",
  "/opt/gradle/bin",
  "/opt/maven/bin",
  "/opt/homebrew/bin",
  "/home/linuxbrew/.linuxbrew/bin",
] as const;
