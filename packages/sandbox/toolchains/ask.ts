import type { FoundToolchain } from "../../jobs/missing-toolchains.ts";
import type { Folders } from "../folders.ts";
import type { Sandbox } from "../sandbox.ts";

/** In the order in which they are told. */
const NAMES = [
  ...["node", "npm", "python", "pip", "java", "mvn", "gradle", "go", "cargo", "dotnet", "ruby", "bundle", "php"],
  ...["composer", "make", "gcc", "uv", "poetry", "pnpm", "yarn"],
];

/**
 * All at once, three seconds at most. What starts slowly (a JVM, npm, .NET) is read from the files that it comes with,
 * and is only started where there are none. Text is taken apart by the shell itself: every run asks this, and processes
 * for it would be most of its cost.
 */
const QUESTION = `
tell() { [ -n "$2" ] && printf '%s %s\\n' "$1" "$2"; }
home() { local at; at=$(readlink -f "$(type -P "$1")"); at=\${at%/*}; printf %s "\${at%/*}"; }
number() { local said; said=$(timeout 3 "$@" 2>&1 </dev/null); [[ $said =~ [0-9]+(\\.[0-9]+)+([-+._]?[0-9A-Za-z]+)* ]] && echo "\${BASH_REMATCH[0]}"; }
released() { sed -n 's/^JAVA_VERSION="\\(.*\\)"$/\\1/p' "$(home java)/release" 2>/dev/null; }
package() { sed -n '1,/"version"/s/^ *"version": *"\\(.*\\)".*/\\1/p' "$(home "$1")/package.json" 2>/dev/null | head -n 1; }
jar() { for one in "$(home "$1")"/lib/$2-[0-9]*[0-9].jar /usr/share/java/$3-[0-9]*[0-9].jar; do
  [ -e "$one" ] && { one=\${one##*-}; echo "\${one%.jar}"; break; }; done; }
has() { type -P "$1" >/dev/null; }
ask() { name=$1; shift; has "$1" && tell "$name" "$(number "$@")" & }
ask node node --version
ask python python3 --version
ask go go version
ask cargo cargo --version
ask ruby ruby --version
ask php php --version
ask make make --version
ask gcc gcc -dumpfullversion
ask uv uv --version
for name in npm pnpm yarn; do
  has $name && { version=$(package $name); tell $name "\${version:-$(number $name --version)}"; } &
done
has java && { version=$(released); tell java "\${version:-$(number java -version)}"; } &
has mvn && { version=$(jar mvn maven-core maven3-core); tell mvn "\${version:-$(number mvn --version)}"; } &
has gradle && { version=$(home gradle | grep -Eo "[0-9][0-9.]+[0-9]$" || jar gradle gradle-core gradle-core); tell gradle "\${version:-$(number gradle --version)}"; } &
has dotnet && tell dotnet "$(ls "$(dirname "$(readlink -f "$(command -v dotnet)")")/sdk" 2>/dev/null | tail -n 1)" &
for name in pip bundle composer poetry; do has $name && tell $name installed & done
wait`;

/** What is a name of a program and nothing to a shell. */
const isPlain = (name: string) => /^[a-z][a-z0-9+-]*$/.test(name);

/**
 * Toolchains as a command of this workspace finds them, and `more` programs by name; none where commands are off or the
 * answer does not come.
 */
export async function askToolchains(
  sandbox: Sandbox,
  folders: Folders,
  more: readonly string[] = [],
): Promise<FoundToolchain[]> {
  if (sandbox.mode === "off") return [];
  const others = more.filter((name) => isPlain(name) && !NAMES.includes(name));
  const also = others.map((name) => `has ${name} && tell ${name} installed\n`).join("");
  const command = QUESTION.replace(/wait$/, `${also}wait`);
  const { output } = await sandbox.run(folders, { command, timeoutMs: 5_000, maxBytes: 4_000 });
  return toolchainsIn(output, [...NAMES, ...others]);
}

/** One line each, in any order; what is none of them is left out. */
export const toolchainsIn = (output: string, names: readonly string[] = NAMES): FoundToolchain[] =>
  output
    .split("\n")
    .map((line) => /^(\S+) (\S{1,40})$/.exec(line))
    .flatMap((line) => (line && names.includes(line[1]!) ? [{ name: line[1]!, version: line[2]! }] : []))
    .toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
