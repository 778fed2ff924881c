import { foldersIn, makeFolders } from "../../packages/sandbox/folders.ts";
import type { Sandbox } from "../../packages/sandbox/sandbox.ts";

/** A package manager: what it takes to start it, and a package that it has not, to be had from the network alone. */
export type OfflineClient = { client: string; program: string; version: string; files: string; asks: string };

const POM =
  '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId><version>1</version></project>';
const PYPROJECT = '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.9"\n';
const wrote = (path: string, text: string) => `printf '%s' '${text}' >${path}`;
const PACKAGE = wrote("package.json", '{ "name": "a", "version": "1.0.0" }');

const client = (program: string, files: string, asks: string, version = `${program} --version`): OfflineClient => ({
  ...{ client: program, program, version, files, asks },
});

export const OFFLINE_CLIENTS: readonly OfflineClient[] = [
  client("npm", PACKAGE, "npm install minimist@1.2.8"),
  client("pnpm", PACKAGE, "pnpm add minimist@1.2.8"),
  client("yarn", PACKAGE, "yarn add minimist@1.2.8"),
  client("pip", "true", "pip install certifi==2022.12.7"),
  client("uv", wrote("pyproject.toml", PYPROJECT), "uv add certifi==2022.12.7"),
  // Its first command makes a virtual environment.
  client("poetry", wrote("pyproject.toml", PYPROJECT), "poetry add certifi==2022.12.7", "poetry run true"),
  client("go", wrote("go.mod", "module a\n\ngo 1.21\n"), "go get golang.org/x/text@v0.3.8", "go version"),
  client(
    "cargo",
    `mkdir src && echo >src/lib.rs && ${wrote("Cargo.toml", '[package]\nname = "a"\nversion = "1.0.0"\nedition = "2021"\n[dependencies]\neither = "1"\n')}`,
    "cargo fetch",
  ),
  // The versions of these two start no build, which takes a JVM some seconds where others work too.
  client("mvn", wrote("pom.xml", POM), "mvn -B -q verify", "mvn -B -q validate"),
  client(
    "gradle",
    `${wrote("build.gradle", `apply plugin: "java"\nrepositories { mavenCentral() }\ndependencies { compile "junit:junit:4.13.2" }\n`)} && mkdir -p src/main/java && echo "class A {}" >src/main/java/A.java`,
    "gradle --no-daemon -q build",
    "gradle --no-daemon -q help",
  ),
  client("bundle", wrote("Gemfile", 'source "https://rubygems.example"\ngem "rake"\n'), "bundle install"),
  client(
    "composer",
    wrote("composer.json", "{}"),
    "composer require --no-interaction psr/log:3.0.0",
    "composer --no-interaction --version",
  ),
];

export type OfflineTime = { client: string; versionMs: number; asksMs: number; exitCode: number; output: string };

/** One after the other in one command without network; a client that commands do not find is left out. */
export async function timesOffline(
  sandbox: Sandbox,
  folder: string,
  clients: readonly OfflineClient[] = OFFLINE_CLIENTS,
): Promise<OfflineTime[]> {
  const folders = foldersIn(folder);
  await makeFolders(folders, sandbox.owner);
  const command = [
    "now() { echo $(($(date +%s%N) / 1000000)); }",
    ...clients.map(
      ({ client, program, version, files, asks }) => `if command -v ${program} >/dev/null; then
mkdir -p ~/asks/${client} && cd ~/asks/${client} || exit 1
${files} || exit 1
began=$(now); ${version} >/dev/null 2>&1 </dev/null; known=$(now)
${asks} >../${client}.log 2>&1 </dev/null; code=$?
ended=$(now); echo "$code $((known - began)) $((ended - known)) ${client} $(tail -c 300 ../${client}.log | tr '\\n' ' ')"
fi`,
    ),
  ].join("\n");
  const { output } = await sandbox.run(folders, { command, timeoutMs: 150_000, maxBytes: 40_000 });
  return output.split("\n").flatMap((line) => {
    const [, exitCode, versionMs, asksMs, name = "", said = ""] = /^(\d+) (\d+) (\d+) (\S+) (.*)$/.exec(line) ?? [];
    if (exitCode === undefined) return [];
    return [
      { client: name, exitCode: Number(exitCode), versionMs: Number(versionMs), asksMs: Number(asksMs), output: said },
    ];
  });
}

/** Quiet machines need under two seconds; who waits for a network, or asks again, takes fifteen and more. */
const SLOWER_BY_MS = 5_000;
/** What it does before it asks grows with its start where others work too; who waits for a network waits longer. */
const SLOWER_BY_SHARE = 0.5;

/** What is wrong with it; undefined: it fails, and at once. */
export const tooSlow = ({ client, versionMs, asksMs, exitCode, output }: OfflineTime): string | undefined =>
  exitCode === 0
    ? `${client} found what it cannot have: ${output}`
    : asksMs > versionMs * (1 + SLOWER_BY_SHARE) + SLOWER_BY_MS
      ? `${client} fails after ${asksMs} ms, and its version takes ${versionMs} ms: ${output}`
      : undefined;
