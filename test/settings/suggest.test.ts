import { describe, expect, it } from "vitest";
import type { BuildFiles } from "../../packages/settings/build-files.ts";
import { suggest } from "../../packages/settings/suggest.ts";

/** `name/` is a folder, `name*` a program; a value is the file's text. */
function root(entries: Record<string, string>): BuildFiles {
  const names = Object.keys(entries);
  const plain = (name: string) => name.replace(/[/*]$/, "");
  return {
    files: new Set(names.filter((name) => !name.endsWith("/")).map(plain)),
    folders: new Set(names.filter((name) => name.endsWith("/")).map(plain)),
    programs: new Set(names.filter((name) => name.endsWith("*")).map(plain)),
    texts: new Map(Object.entries(entries).filter(([, text]) => text !== "")),
  };
}
const manifest = (scripts: Record<string, string>, more: object = {}) =>
  JSON.stringify({ scripts, dependencies: { a: "1" }, ...more });
const tests = manifest({ test: "vitest run" });
const MVNW = { ".mvn/wrapper/maven-wrapper.properties": "" };
const NO_JAR = { "gradle/wrapper/gradle-wrapper.properties": "" };
const GRADLEW = { ...NO_JAR, "gradle/wrapper/gradle-wrapper.jar": "" };
const NO_TEST =
  "-Dtest='*#none' -Dsurefire.failIfNoSpecifiedTests=false -DfailIfNoTests=false -Dmaven.test.failure.ignore";

describe("what the build files suggest", () => {
  it.each<[string, Record<string, string>, string | undefined, string | undefined]>([
    ["nothing", { "README.md": "" }, undefined, undefined],
    ["npm", { "package.json": tests, "package-lock.json": "" }, "npm ci", "npm test"],
    ["pnpm", { "package.json": tests, "pnpm-lock.yaml": "" }, "pnpm install --frozen-lockfile", "pnpm test"],
    ["yarn 1", { "package.json": tests, "yarn.lock": "" }, "yarn install --frozen-lockfile", "yarn test"],
    ["yarn 4", { "package.json": tests, "yarn.lock": "", ".yarnrc.yml": "" }, "yarn install --immutable", "yarn test"],
    [
      "the named manager of two lock files",
      {
        "package.json": manifest({ test: "x" }, { packageManager: "yarn@4.1.0" }),
        "package-lock.json": "",
        "yarn.lock": "",
      },
      "yarn install --immutable",
      "yarn test",
    ],
    ["no lock file", { "package.json": tests }, "npm install --no-package-lock --no-audit --no-fund", "npm test"],
    [
      "no dependencies",
      { "package.json": JSON.stringify({ scripts: { test: "node --test" } }) },
      undefined,
      "npm test",
    ],
    [
      "npm's placeholder",
      { "package.json": manifest({ test: 'echo "Error: no test specified" && exit 1' }) },
      undefined,
      undefined,
    ],
    ["no test script", { "package.json": manifest({ build: "tsc" }), "package-lock.json": "" }, undefined, undefined],
    ["a test that watches", { "package.json": manifest({ test: "jest --watch" }) }, undefined, undefined],
    ["a test in a browser", { "package.json": manifest({ test: "ng test" }) }, undefined, undefined],
    [
      "a test that is told not to watch",
      { "package.json": manifest({ test: "jest --watchAll=false" }), "package-lock.json": "" },
      "npm ci",
      "npm test",
    ],
    [
      "unit tests beside a browser",
      { "package.json": manifest({ test: "cypress run", "test:unit": "jest" }), "package-lock.json": "" },
      "npm ci",
      "npm run test:unit",
    ],
    [
      "Create React App",
      { "package.json": manifest({ test: "react-scripts test" }), "package-lock.json": "" },
      "npm ci",
      "CI=true npm test",
    ],
    ["a manifest that is no JSON", { "package.json": "{" }, undefined, undefined],
    ["Maven", { "pom.xml": "" }, `mvn -B -q verify ${NO_TEST}`, "mvn -B -q verify"],
    [
      "Maven's wrapper",
      { "pom.xml": "", "mvnw*": "", ...MVNW },
      `./mvnw -B -q verify ${NO_TEST}`,
      "./mvnw -B -q verify",
    ],
    [
      "Maven's wrapper without what it starts",
      { "pom.xml": "", "mvnw*": "" },
      `mvn -B -q verify ${NO_TEST}`,
      "mvn -B -q verify",
    ],
    [
      "a wrapper that is no program",
      { "pom.xml": "", mvnw: "", ...MVNW },
      `sh mvnw -B -q verify ${NO_TEST}`,
      "sh mvnw -B -q verify",
    ],
    ["Gradle beside Maven", { "pom.xml": "", "build.gradle": "" }, `mvn -B -q verify ${NO_TEST}`, "mvn -B -q verify"],
    [
      "Gradle",
      { "build.gradle.kts": "", "gradlew*": "", ...GRADLEW },
      "./gradlew --no-daemon -q testClasses && { ./gradlew --no-daemon -q --continue test --tests none >/dev/null 2>&1 || true; }",
      "./gradlew --no-daemon -q test",
    ],
    ["Gradle's wrapper without its jar", { "build.gradle": "", "gradlew*": "", ...NO_JAR }, undefined, undefined],
    [
      "another language beside such a wrapper",
      { "build.gradle": "", "gradlew*": "", "go.mod": "" },
      "go mod download",
      "go test ./...",
    ],
    ["Go", { "go.mod": "" }, "go mod download", "go test ./..."],
    ["Go with its vendors", { "go.mod": "", "vendor/": "" }, undefined, "go test ./..."],
    ["Cargo", { "Cargo.toml": "[package]\n", "Cargo.lock": "" }, "cargo fetch --locked", "cargo test"],
    ["a workspace of Cargo", { "Cargo.toml": "[workspace]\n" }, "cargo fetch", "cargo test --workspace"],
    [
      "pytest",
      { "pyproject.toml": "[project]\n[tool.pytest.ini_options]\n" },
      "python -m pip install -e . pytest",
      "python -m pytest",
    ],
    [
      "pytest with an extra",
      { "pyproject.toml": '[project]\n[project.optional-dependencies]\ntest = ["pytest"]\n' },
      "python -m pip install -e '.[test]' pytest",
      "python -m pytest",
    ],
    [
      "pytest in setup.cfg",
      { "setup.py": "", "setup.cfg": "[tool:pytest]\n" },
      "python -m pip install -e . pytest",
      "python -m pytest",
    ],
    [
      "requirements",
      { "requirements.txt": "pytest\n" },
      "python -m pip install -r requirements.txt pytest",
      "python -m pytest",
    ],
    [
      "unittest",
      { "setup.py": "", "tests/": "" },
      "python -m pip install -e .",
      "python -m unittest discover -s tests",
    ],
    [
      "tox alone",
      { "tox.ini": "[tox]\n" },
      "python -m pip install tox && python -m tox run -e py --develop --notest",
      "python -m tox run -e py --skip-pkg-install",
    ],
    [
      "uv",
      { "pyproject.toml": "[project]\n# pytest\n", "uv.lock": "" },
      "{ command -v uv >/dev/null || python -m pip install uv; } && uv run --frozen python --version",
      "uv run --frozen python -m pytest",
    ],
    [
      "Poetry",
      { "pyproject.toml": "[tool.poetry]\n# pytest\n", "poetry.lock": "" },
      "poetry install --no-interaction",
      "poetry run python -m pytest",
    ],
    ["requirements of documents", { "requirements.txt": "mkdocs\n" }, undefined, undefined],
    ["make", { Makefile: "all:\n\ntest: all\n\t./t\n" }, undefined, "make test"],
    ["a variable of make", { Makefile: "test := 1\n" }, undefined, undefined],
    [".NET", { "App.sln": 'Project("App.csproj")' }, "dotnet restore App.sln", "dotnet test App.sln"],
    ["two solutions", { "A.sln": "a.csproj", "B.sln": "b.csproj" }, undefined, undefined],
    ["a solution of C++", { "A.sln": "a.vcxproj" }, undefined, undefined],
    ["RSpec", { Gemfile: "gem 'rspec'\n", "spec/": "" }, "bundle install", "bundle exec rspec"],
    ["Rake", { Gemfile: "gem 'rake'\n", Rakefile: "task" }, "bundle install", "bundle exec rake"],
    [
      "Composer",
      { "composer.json": "{}", "phpunit.xml.dist": "" },
      "composer install --no-interaction",
      "vendor/bin/phpunit",
    ],
    [
      "two languages",
      { "go.mod": "", "package.json": tests, "package-lock.json": "", Makefile: "test:\n" },
      "npm ci && go mod download",
      "npm test && go test ./...",
    ],
  ])("%s", (_, entries, setup, check) => {
    const suggested = suggest(root(entries));
    expect([suggested.setup?.command, suggested.check?.command]).toEqual([setup, check]);
  });

  it("names the files that it goes by, and works in a folder", () => {
    const files = root({ "go.mod": "", "package.json": tests, "package-lock.json": "" });
    expect(suggest(files).check?.from).toBe("package.json and go.mod");
    expect(suggest(root({ "App.sln": "a.csproj" }), { folder: "src" })).toEqual({
      setup: { command: "cd src && dotnet restore App.sln", from: "src/App.sln" },
      check: { command: "cd src && dotnet test App.sln", from: "src/App.sln" },
    });
  });

  it("a name of a file never becomes more than a name in a command", () => {
    expect(suggest(root({ "a b; rm -rf ~.sln": "a.csproj" }))).toEqual({});
    expect(suggest(root({ "$(id).csproj": "" }))).toEqual({});
  });
});
