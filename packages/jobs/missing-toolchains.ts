/** What a command finds by that name: java 17.0.15; "installed" where its version is not known. */
export type FoundToolchain = { name: string; version: string };

/** Other names of the same program. */
const PROGRAMS: Record<string, string> = {
  bundler: "bundle",
  c: "gcc",
  golang: "go",
  maven: "mvn",
  nodejs: "node",
  python3: "python",
  rust: "cargo",
};

/** `maven@3` as a program and a version. */
export function wantedProgram(toolchain: string): { program: string; version: string | undefined } {
  const [name = "", version] = toolchain.split("@");
  return { program: PROGRAMS[name] ?? name, version };
}

/** Java 8 calls itself 1.8. */
const plainVersion = (program: string, version: string) => (program === "java" ? version.replace(/^1\./, "") : version);

/** Those that are asked for and that commands do not find; a version counts as far as it is written. Pure. */
export function missingToolchains(wanted: readonly string[], found: readonly FoundToolchain[]): string[] {
  return wanted.filter((toolchain) => {
    const { program, version } = wantedProgram(toolchain);
    const known = found.find(({ name }) => name === program)?.version;
    if (known === undefined) return true;
    if (version === undefined || known === "installed") return false;
    const [has, wants] = [known, version].map((one) => plainVersion(program, one)) as [string, string];
    return has !== wants && !has.startsWith(`${wants}.`) && !has.startsWith(`${wants}_`);
  });
}
