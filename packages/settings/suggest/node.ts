import { type BuildFiles, jsonIn, oneOf, type SuggestedBuild } from "../build-files.ts";

/** https://docs.npmjs.com/cli/commands/npm-init: what npm writes where there are no tests. */
const PLACEHOLDER = /\bno test specified\b/i;
/** They wait for changes, open a browser or an emulator: none of that ends by itself in a sandbox. */
const NEVER_ENDS =
  /--watch(?:All)?(?![=\w-])(?!\s+false)|\bng (?:test|e2e)\b|\bkarma\b|\bcypress\b|\bplaywright\b|\bwdio\b|\bdetox\b|\btestcafe\b|\bnightwatch\b/;
const TEST_SCRIPTS = ["test", "test:unit", "unit", "test:ci"];

type Manager = { run: string; setup: string };
const NPM: Manager = { run: "npm run", setup: "npm ci" };

/** The package manager by its lock file. */
export function nodeBuild(files: BuildFiles): SuggestedBuild | undefined {
  const manifest = jsonIn(files, "package.json");
  const scripts = manifest?.scripts;
  if (typeof scripts !== "object" || scripts === null) return undefined;
  const found = TEST_SCRIPTS.find((name) => isTest((scripts as Record<string, unknown>)[name]));
  if (!found) return undefined;
  const script = (scripts as Record<string, string>)[found]!;
  const { run, setup } = managerOf(files, manifest!);
  const test = found === "test" ? `${run.replace(/ run$/, "")} test` : `${run} ${found}`;
  const needsNothing = !["dependencies", "devDependencies", "optionalDependencies", "workspaces"].some((key) =>
    hasMembers(manifest![key]),
  );
  return {
    from: "package.json",
    ...(!needsNothing && { setup }),
    // Create React App's tests wait for changes unless they are told that no person looks.
    check: /\breact-scripts test\b/.test(script) ? `CI=true ${test}` : test,
  };
}

const isTest = (script: unknown) =>
  typeof script === "string" && script.trim() !== "" && !PLACEHOLDER.test(script) && !NEVER_ENDS.test(script);

const hasMembers = (value: unknown) => typeof value === "object" && value !== null && Object.keys(value).length > 0;

function managerOf(files: BuildFiles, { packageManager }: Record<string, unknown>): Manager {
  const named = typeof packageManager === "string" ? packageManager : "";
  const [, name, major] = /^(npm|pnpm|yarn|bun)@(\d+)/.exec(named) ?? [];
  const isBerry = name === "yarn" ? Number(major) >= 2 : files.files.has(".yarnrc.yml");
  const by: Record<string, { lock: string | undefined; manager: Manager }> = {
    npm: { lock: oneOf(files, "package-lock.json", "npm-shrinkwrap.json"), manager: NPM },
    pnpm: {
      lock: oneOf(files, "pnpm-lock.yaml"),
      manager: { run: "pnpm run", setup: "pnpm install --frozen-lockfile" },
    },
    yarn: {
      lock: oneOf(files, "yarn.lock"),
      manager: { run: "yarn run", setup: `yarn install ${isBerry ? "--immutable" : "--frozen-lockfile"}` },
    },
    bun: {
      lock: oneOf(files, "bun.lock", "bun.lockb"),
      manager: { run: "bun run", setup: "bun install --frozen-lockfile" },
    },
  };
  if (name && by[name]?.lock) return by[name].manager;
  const locked = Object.values(by).find(({ lock }) => lock !== undefined);
  // Without a lock file nothing of the tree may begin to hold one.
  return locked?.manager ?? { run: "npm run", setup: "npm install --no-package-lock --no-audit --no-fund" };
}
