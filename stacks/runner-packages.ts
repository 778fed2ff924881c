import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** What makes the bundle; what it is made from is found in the code. */
const BUNDLER = "esbuild";
const ENTRIES = ["containers/runner/work.ts", "containers/runner/publish.ts"];

/**
 * The packages that the runner's code imports: the image installs these and what they need, at the versions of the lock
 * file, and not the whole project (stand-ins, Slack, tests, the deployment's own tools).
 */
export function importedPackages(root: string): string[] {
  const files = new Set(ENTRIES);
  const packages = new Set([BUNDLER]);
  for (const file of files)
    for (const target of importsOf(readFileSync(join(root, file), "utf8"))) {
      if (target.startsWith(".")) files.add(join(dirname(file), target));
      else if (!target.startsWith("node:")) packages.add(/^(?:@[^/]+\/)?[^/]+/.exec(target)![0]);
    }
  return [...packages].toSorted();
}

/** Only modules of code; types are gone before anything is bundled. */
const importsOf = (source: string) =>
  [...source.matchAll(/^(?:import|export)\s(?!type\s)[^;]*?from\s+"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/gm)]
    .map(([, from, bare]) => from ?? bare ?? "")
    .filter((target) => !/\.(?:json|md|css)$/.test(target));

type Locked = {
  dev?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
};
export type Lock = { lockfileVersion: number; packages: Record<string, Locked> };
type Manifest = { dependencies?: Record<string, string>; devDependencies?: Record<string, string> };

/** Pure: a package.json and a lock file of the same versions, with nothing but `names` and what they need. */
export function reduceLock(manifest: Manifest, lock: Lock, names: readonly string[]) {
  const versions = { ...manifest.dependencies, ...manifest.devDependencies };
  const missing = names.filter((name) => !versions[name]);
  if (missing.length > 0) throw new Error(`package.json does not name ${missing.join(", ")}.`);
  const dependencies = Object.fromEntries(names.map((name) => [name, versions[name]!]));
  const kept = new Set<string>();
  const queue = names.map((name) => ({ name, from: "", isOptional: false }));
  for (let next = queue.pop(); next; next = queue.pop()) {
    const path = find(lock, next.name, next.from);
    if (path === undefined && !next.isOptional) throw new Error(`package-lock.json has no ${next.name}.`);
    if (path === undefined || kept.has(path)) continue;
    kept.add(path);
    queue.push(...needsOf(lock.packages[path]!).map((need) => ({ ...need, from: path })));
  }
  const root = { name: "cody-runner", version: "0.0.0", dependencies };
  const packages = Object.fromEntries(
    [...kept].toSorted().map((path) => {
      const { dev: _, ...rest } = lock.packages[path]!;
      return [path, rest];
    }),
  );
  return {
    manifest: { ...root, private: true, type: "module" },
    lock: { ...root, lockfileVersion: lock.lockfileVersion, requires: true, packages: { "": root, ...packages } },
  };
}

const needsOf = ({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: Locked) => [
  ...Object.keys(dependencies ?? {}).map((name) => ({ name, isOptional: false })),
  ...Object.keys(optionalDependencies ?? {}).map((name) => ({ name, isOptional: true })),
  ...Object.keys(peerDependencies ?? {})
    .filter((name) => !peerDependenciesMeta?.[name]?.optional)
    .map((name) => ({ name, isOptional: false })),
];

/** As Node looks for it: in the package's own node_modules, then in those above. */
function find(lock: Lock, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const path = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (lock.packages[path]) return path;
    if (folder === "") return undefined;
  }
}

/** `node stacks/runner-packages.ts FOLDER` inside the image's build: writes both files there. */
if (import.meta.main) {
  const folder = resolve(process.argv[2] ?? ".");
  const [manifest, lock] = ["package.json", "package-lock.json"].map((name) => JSON.parse(readFileSync(name, "utf8")));
  const reduced = reduceLock(manifest, lock, importedPackages("."));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(reduced.manifest, null, 2)}\n`);
  writeFileSync(join(folder, "package-lock.json"), `${JSON.stringify(reduced.lock, null, 2)}\n`);
}
