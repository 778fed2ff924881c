/** The root of a repository, as far as it tells what builds and tests it. Everything here is untrusted text. */
export type BuildFiles = {
  /** Files and folders of the root by name; of `WRAPPERS`, what they need, by path. */
  files: ReadonlySet<string>;
  folders: ReadonlySet<string>;
  /** Files that may be run as they are. */
  programs: ReadonlySet<string>;
  /** Texts of those of `READ_FILES` that are there. */
  texts: ReadonlyMap<string, string>;
};

/** What one language suggests; without a check there is nothing to prepare for. */
export type SuggestedBuild = { from: string; setup?: string; check: string };

/** Those whose text decides; the names of the others are enough. */
export const READ_FILES: readonly RegExp[] = [
  /^package\.json$/,
  /^pyproject\.toml$/,
  /^(?:tox|pytest)\.ini$/,
  /^setup\.(?:cfg|py)$/,
  /^(?:[\w-]+[-_])?requirements(?:[-_][\w-]+)?\.txt$/,
  /^(?:GNUm|M|m)akefile$/,
  /^Cargo\.toml$/,
  /^composer\.json$/,
  /^Gemfile$/,
  /^Rakefile$/,
  /^[\w. -]+\.slnx?$/,
];
export const MAX_READ_FILES = 12;

/** Scripts that start a build tool, and the files below the root without which they cannot. */
export const WRAPPERS = {
  gradlew: { folder: "gradle/wrapper", needs: ["gradle-wrapper.jar", "gradle-wrapper.properties"] },
  // It fetches its jar itself.
  mvnw: { folder: ".mvn/wrapper", needs: ["maven-wrapper.properties"] },
} as const;
export const MAX_BUILD_FILE_BYTES = 256 * 1024;

/** The first of the names that is there. */
export const oneOf = ({ files }: Pick<BuildFiles, "files">, ...names: string[]) =>
  names.find((name) => files.has(name));

export function jsonIn({ texts }: BuildFiles, name: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(texts.get(name) ?? "");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A name for a shell; undefined for one that would need quotes. */
export const plainName = (name: string) => (/^[\w.][\w./-]*$/.test(name) ? name : undefined);
