import type { Ecosystem } from "../../config/registries.ts";

/**
 * A host, and the paths of it that read packages: `name` is the package that one is about. `follows`: it keeps its files
 * at a host that anyone can upload to, so the proxy follows its redirects itself, and the client is never sent there.
 */
export type PublicRegistry = { ecosystem: Ecosystem; host: string; paths: readonly RegExp[]; follows?: true };

const NPM_PATHS = [
  /^\/(?<name>(?:@[\w.~-]+\/)?[\w.~][\w.~-]*)(?:\/[\w.~+-]+)?$/,
  /^\/(?<name>(?:@[\w.~-]+\/)?[\w.~][\w.~-]*)\/-\/(?:@[\w.~-]+\/)?[\w.~+-]+\.tgz$/,
  /^\/-\/package\/(?<name>(?:@[\w.~-]+\/)?[\w.~][\w.~-]*)\/dist-tags$/,
  /^\/-\/npm\/v1\/keys$/,
];
const RUBYGEMS_PATHS = [
  /^\/(?:versions|names|(?:latest_|prerelease_)?specs\.4\.8\.gz)$/,
  /^\/info\/(?<name>[\w.-]+)$/,
  /^\/(?:gems|quick\/Marshal\.4\.8)\/(?<name>[\w.-]+?)-\d[\w.]*(?:-[\w.-]+)?\.(?:gem|gemspec\.rz)$/,
];
/** The mirror would ask any host for a database of that name. */
const SUMDB = [
  /^(?:\/sumdb\/sum\.golang\.org)?\/(?:supported|latest|tile\/\d+\/(?:data|\d+)\/(?:x\d{3}\/)*\d{3}(?:\.p\/\d+)?)$/,
  /^(?:\/sumdb\/sum\.golang\.org)?\/lookup\/(?<name>[\w.~!/-]+)@(?<version>[\w.+!-]+)$/,
];

/**
 * The public registries that commands may read from. No other file names their hosts. One is here once its real client
 * has run through the proxy: NuGet's and Composer's have not.
 */
export const PUBLIC_REGISTRIES: readonly PublicRegistry[] = [
  { ecosystem: "npm", host: "registry.npmjs.org", paths: NPM_PATHS },
  { ecosystem: "npm", host: "registry.yarnpkg.com", paths: NPM_PATHS },
  {
    ecosystem: "pypi",
    host: "pypi.org",
    paths: [/^\/simple\/(?<name>[\w.-]+)\/?$/, /^\/pypi\/(?<name>[\w.-]+)\/(?:[\w.+!-]+\/)?json$/],
  },
  {
    ecosystem: "pypi",
    host: "files.pythonhosted.org",
    paths: [/^\/packages\/(?:[\w.]+\/)+(?<name>\w[\w.]*(?:-[A-Za-z_][\w.]*)*)-[\w.+!-]+$/],
  },
  { ecosystem: "maven", host: "repo.maven.apache.org", paths: [/^\/maven2\/(?<name>(?:[\w.~+-]+\/)*)[\w.~+-]+$/] },
  { ecosystem: "maven", host: "repo1.maven.org", paths: [/^\/maven2\/(?<name>(?:[\w.~+-]+\/)*)[\w.~+-]+$/] },
  { ecosystem: "maven", host: "plugins.gradle.org", paths: [/^\/m2\/(?<name>(?:[\w.~+-]+\/)*)[\w.~+-]+$/] },
  { ecosystem: "maven", host: "plugins-artifacts.gradle.org", paths: [/^\/(?<name>(?:[\w.~+-]+\/)*)[\w.~+-]+$/] },
  {
    ecosystem: "maven",
    host: "services.gradle.org",
    paths: [/^\/distributions\/(?<name>gradle-[\w.-]{1,40}-(?:bin|all)\.zip)$/],
    follows: true,
  },
  {
    ecosystem: "go",
    host: "proxy.golang.org",
    paths: [
      /^\/(?!sumdb\/|cached-only\/)(?<name>[\w.~!/-]+)\/@v\/(?:list|(?<version>[\w.~+!-]+)\.(?:info|mod|zip))$/,
      /^\/(?!sumdb\/|cached-only\/)(?<name>[\w.~!/-]+)\/@latest$/,
      ...SUMDB,
    ],
  },
  { ecosystem: "go", host: "sum.golang.org", paths: SUMDB },
  {
    ecosystem: "cargo",
    host: "index.crates.io",
    paths: [/^\/config\.json$/, /^\/(?:1|2|3\/[\w-]|[\w-]{2}\/[\w-]{2})\/(?<name>[\w-]+)$/],
  },
  {
    ecosystem: "cargo",
    host: "static.crates.io",
    paths: [/^\/crates\/(?<name>[\w-]+)\/(?:[\w.+-]+\.crate|[\w.+-]+\/download)$/],
  },
  {
    ecosystem: "cargo",
    host: "crates.io",
    paths: [/^\/api\/v1\/crates\/(?<name>[\w-]+)\/[\w.+-]+\/download$/],
  },
  { ecosystem: "rubygems", host: "rubygems.org", paths: RUBYGEMS_PATHS },
  { ecosystem: "rubygems", host: "index.rubygems.org", paths: RUBYGEMS_PATHS },
];

/**
 * Hosts of Go modules that belong to large public services: the mirror may fetch from them what it does not hold yet.
 * From any other it gives out only what it holds, as a host of an attacker would read what stands in the path.
 */
export const GO_MODULE_HOSTS = [
  ...["github.com", "gitlab.com", "bitbucket.org", "golang.org", "google.golang.org", "gopkg.in", "go.uber.org"],
  ...[
    "k8s.io",
    "sigs.k8s.io",
    "cloud.google.com",
    "go.opentelemetry.io",
    "go.mongodb.org",
    "honnef.co",
    "gotest.tools",
  ],
];
