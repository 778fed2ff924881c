import { MAX_BY_ITSELF } from "../jobs/outcome.ts";
import { clip } from "../text/cut.ts";
import { fitsPattern } from "./path-pattern.ts";

/**
 * What runs, or is obeyed, without being asked for: the build server, hooks of git, editors and coding agents,
 * and what decides who must review. Who writes these decides what runs with the repository's secrets or on the next
 * person's machine. The one list; paths are compared without case, since some file systems do.
 */
const RUNS_BY_ITSELF: readonly { pattern: RegExp; what: string }[] = [
  {
    what: "what GitHub Actions runs",
    pattern:
      /^\.github(?:\/(?:workflows|actions)(?:\/.*)?)?$|(?:^|\/)action\.ya?ml$|^\.(?:gitea|forgejo)\/workflows(?:\/.*)?$/,
  },
  {
    what: "what the build server runs",
    pattern: anywhere(
      /\.gitlab-ci[^/]*\.ya?ml/,
      /(?:[^/]+\.)?jenkinsfile(?:\.[^/]+)?/,
      /\.?azure-pipelines?[^/]*\.ya?ml|bitbucket-pipelines\.ya?ml/,
      /buildspec[^/]*\.(?:ya?ml|json)/,
      /cloudbuild[^/]*\.(?:ya?ml|json)/,
      /\.?appveyor\.ya?ml/,
      /\.(?:travis|cirrus|drone|woodpecker)\.(?:ya?ml|star|jsonnet)/,
      /(?:wercker|codefresh|screwdriver|amplify|codemagic|bitrise)\.ya?ml/,
      /netlify\.toml|vercel\.json|\.readthedocs\.ya?ml/,
      /\.(?:build|zuul|mergify)\.ya?ml/,
    ),
  },
  {
    what: "what the build server runs",
    pattern: folders(
      "circleci",
      "buildkite",
      "tekton",
      "woodpecker",
      "semaphore",
      "teamcity",
      "azure-pipelines",
      "azuredevops",
      "gitlab/ci",
      "ci-operator",
      "harness",
      "builds",
      "pipelines",
    ),
  },
  {
    what: "hooks of git",
    pattern: folders("husky", "githooks", "git-hooks"),
  },
  {
    what: "hooks of git",
    pattern: anywhere(
      /\.?lefthook(?:-local)?\.(?:ya?ml|toml|json)/,
      /\.pre-commit-(?:config|hooks)\.ya?ml/,
      /\.overcommit\.ya?ml/,
      /\.lintstagedrc(?:\.[^/]+)?|lint-staged\.config\.[^/]+/,
    ),
  },
  {
    what: "what an editor or a shell runs on opening the folder",
    pattern: folders("vscode", "devcontainer", "idea", "run", "zed", "fleet"),
  },
  {
    what: "what an editor or a shell runs on opening the folder",
    pattern: anywhere(
      /\.devcontainer\.json/,
      /\.envrc/,
      /\.gitpod\.ya?ml/,
      /[^/]+\.code-workspace/,
      /\.(?:n?vimrc|exrc|nvim\.lua|dir-locals\.el)/,
      /\.?mise(?:\.[\w-]+)?\.toml|\.?(?:config\/)?mise\/config(?:\.[\w-]+)?\.toml/,
    ),
  },
  {
    what: "what coding agents obey",
    pattern: folders(
      "agents",
      "augment",
      "claude",
      "copilot",
      "cursor",
      "codex",
      "gemini",
      "windsurf",
      "continue",
      "junie",
      "kiro",
      "roo",
      "amazonq",
      "opencode",
      "trae",
      "clinerules",
    ),
  },
  {
    what: "what coding agents obey",
    pattern: anywhere(
      /(?:claude|agents?|gemini)(?:\.(?:local|override))?\.md/,
      /\.?mcp\.json/,
      /\.(?:cursor|windsurf|cline|roo)rules/,
      /\.aider[^/]*/,
      /opencode\.jsonc?/,
      /\.goosehints/,
      /\.cody\.ya?ml/,
    ),
  },
  {
    what: "what coding agents obey",
    pattern:
      /^\.github\/(?:copilot[^/]*|(?:hooks|instructions|prompts|agents|chatmodes|skills)(?:\/.*)?|[^/]*\.instructions\.md)$/,
  },
  { what: "what git does with files, and what reviewers see", pattern: anywhere(/\.gitattributes/, /\.lfsconfig/) },
  { what: "submodules", pattern: /^\.gitmodules$/ },
  { what: "the owners of code", pattern: /^(?:\.github\/|\.gitlab\/|docs\/)?codeowners$/ },
];

/** A file of this name in any folder. */
function anywhere(...names: RegExp[]): RegExp {
  return new RegExp(`(?:^|/)(?:${names.map(({ source }) => source).join("|")})$`);
}

/** A hidden folder in any place, itself (a link in its stead) and all below. */
function folders(...names: string[]): RegExp {
  return new RegExp(`(?:^|/)\\.(?:${names.join("|")})(?:/.*)?$`);
}

export type SelfRunningFile = { path: string; what: string };

const MAX_SHOWN_PATH = 300;

/** The first of them; and how many there are, once a row has no space for more. */
export type ShownByItself = { runsByItself: string[]; runsByItselfCount?: number };

/** For rows, cards and pull requests. `protectedPaths`: what the repository's settings protect besides. */
export function shownByItself(paths: readonly string[], protectedPaths: readonly string[] = []): ShownByItself {
  const found = runByThemselves(paths, protectedPaths);
  const runsByItself = found.slice(0, MAX_BY_ITSELF).map(({ path }) => clip(path, MAX_SHOWN_PATH));
  return { runsByItself, ...(found.length >= MAX_BY_ITSELF && { runsByItselfCount: found.length }) };
}

/** Pure: those of the paths that run by themselves or that the repository protects, of a rename both. */
export const runByThemselves = (paths: readonly string[], protectedPaths: readonly string[] = []): SelfRunningFile[] =>
  paths.flatMap((path) => {
    const found = RUNS_BY_ITSELF.find(({ pattern }) => pattern.test(path.toLowerCase()));
    if (found) return [{ path, what: found.what }];
    const rule = protectedPaths.find((pattern) => fitsPattern(path, pattern));
    return rule === undefined
      ? []
      : [{ path, what: `what the settings of this repository protect (${clip(rule, 100)})` }];
  });
