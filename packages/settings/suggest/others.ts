import { type BuildFiles, jsonIn, oneOf, plainName, type SuggestedBuild } from "../build-files.ts";

export function goBuild({ files, folders }: BuildFiles): SuggestedBuild | undefined {
  if (!files.has("go.mod")) return undefined;
  return { from: "go.mod", ...(!folders.has("vendor") && { setup: "go mod download" }), check: "go test ./..." };
}

export function cargoBuild({ files, texts }: BuildFiles): SuggestedBuild | undefined {
  const manifest = texts.get("Cargo.toml");
  if (manifest === undefined) return undefined;
  const all = /^\[workspace\]/m.test(manifest) ? " --workspace" : "";
  return {
    from: "Cargo.toml",
    setup: `cargo fetch${files.has("Cargo.lock") ? " --locked" : ""}`,
    check: `cargo test${all}`,
  };
}

/** One solution, or one project where there is none. A solution of C++ projects is no matter of `dotnet`. */
export function dotnetBuild({ files, texts }: BuildFiles): SuggestedBuild | undefined {
  const named = (pattern: RegExp) => [...files].filter((name) => pattern.test(name));
  const solutions = named(/\.slnx?$/);
  const projects = named(/\.(?:cs|fs|vb)proj$/);
  const [only, another] = solutions.length > 0 ? solutions : projects;
  const from = only && !another ? plainName(only) : undefined;
  if (!from) return undefined;
  const text = texts.get(from);
  if (text !== undefined && count(text, /\.(?:cs|fs|vb)proj\b/g) <= count(text, /\.vcxproj\b/g)) return undefined;
  return { from, setup: `dotnet restore ${from}`, check: `dotnet test ${from}` };
}

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

export function rubyBuild(files: BuildFiles): SuggestedBuild | undefined {
  if (!files.files.has("Gemfile")) return undefined;
  const said = [files.texts.get("Gemfile"), files.texts.get("Rakefile")].join("\n");
  const check = files.folders.has("spec") && (files.files.has(".rspec") || /\brspec\b/i.test(said));
  if (check) return { from: "Gemfile", setup: "bundle install", check: "bundle exec rspec" };
  const rakefile = oneOf(files, "Rakefile", "rakefile");
  if (!rakefile) return undefined;
  return { from: rakefile, setup: "bundle install", check: "bundle exec rake" };
}

export function composerBuild(files: BuildFiles): SuggestedBuild | undefined {
  const manifest = jsonIn(files, "composer.json");
  if (!manifest) return undefined;
  const scripts = manifest.scripts as Record<string, unknown> | undefined;
  const config = oneOf(files, "phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml");
  const check = scripts?.test ? "composer test" : config ? "vendor/bin/phpunit" : undefined;
  return check ? { from: "composer.json", setup: "composer install --no-interaction", check } : undefined;
}

const MAKE_TARGETS = ["test", "check", "tests"];

/** Where no build tool of a language is known. */
export function makeBuild(files: BuildFiles): SuggestedBuild | undefined {
  const from = ["GNUmakefile", "makefile", "Makefile"].find((name) => files.texts.has(name));
  const text = from && files.texts.get(from);
  const target = text && MAKE_TARGETS.find((name) => new RegExp(`^${name}\\s*:(?!=)`, "m").test(text));
  return from && target ? { from, check: `make ${target}` } : undefined;
}
