import { type BuildFiles, oneOf, type SuggestedBuild } from "../build-files.ts";

const EXTRAS = ["test", "tests", "testing", "dev"];
const REQUIREMENTS = [
  "requirements.txt",
  "requirements-dev.txt",
  "requirements-test.txt",
  "requirements-tests.txt",
  "requirements_dev.txt",
  "requirements_test.txt",
  "dev-requirements.txt",
  "test-requirements.txt",
];

/** pytest where anything speaks of it; else tox, else unittest. What is tested is installed in place, never a copy. */
export function pythonBuild(files: BuildFiles): SuggestedBuild | undefined {
  const { texts, folders } = files;
  const project = oneOf(files, "pyproject.toml", "setup.py", "setup.cfg");
  const requirements = REQUIREMENTS.filter((name) => files.files.has(name));
  const from = project ?? oneOf(files, "tox.ini", "pytest.ini") ?? requirements[0];
  if (!from) return undefined;
  const pyproject = texts.get("pyproject.toml") ?? "";
  const said = [...texts].filter(([name]) => PYTHON_TEXT.test(name)).map(([, text]) => text);
  const tests = ["tests", "test"].find((name) => folders.has(name));
  const speaksOfPytest = files.files.has("conftest.py") || said.some((text) => /\bpytest\b|\bpy\.test\b/.test(text));
  const hasTox = files.files.has("tox.ini") || /^\[tool\.tox\b/m.test(pyproject);
  if (!speaksOfPytest && hasTox)
    return {
      from: files.files.has("tox.ini") ? "tox.ini" : from,
      // In place at setup, since tox would build the package anew at the check, and ask a registry for what builds it.
      setup: "python -m pip install tox && python -m tox run -e py --develop --notest",
      check: "python -m tox run -e py --skip-pkg-install",
    };
  if (!speaksOfPytest && !tests) return undefined;
  const test = speaksOfPytest ? "pytest" : `unittest discover -s ${tests}`;
  const withPytest = speaksOfPytest ? " pytest" : "";
  if (files.files.has("uv.lock")) {
    const run = `uv run --frozen${speaksOfPytest && !/\bpytest\b/.test(pyproject) ? " --with pytest" : ""}`;
    return { from: "uv.lock", setup: `${UV_OR_BY_PIP} && ${run} python --version`, check: `${run} python -m ${test}` };
  }
  if (files.files.has("poetry.lock"))
    return { from: "poetry.lock", setup: "poetry install --no-interaction", check: `poetry run python -m ${test}` };
  const extra = EXTRAS.find((name) => hasExtra(files, name));
  const group = ["test", "tests", "dev"].find((name) => groupOf(pyproject).has(name));
  const isPackage = project === "setup.py" || /^\[(?:project|build-system|tool\.poetry)\]/m.test(pyproject);
  const wanted = [
    ...(isPackage ? [`-e ${extra ? `'.[${extra}]'` : "."}`] : []),
    ...(group && !extra ? [`--group ${group}`] : []),
    ...requirements.map((name) => `-r ${name}`),
  ].join(" ");
  const install = `${wanted}${withPytest}`.trim();
  return {
    from,
    ...(install && { setup: `${group && !extra ? NEWER_PIP : ""}python -m pip install ${install}` }),
    check: `python -m ${test}`,
  };
}

/**
 * Where commands find no uv, pip puts it into their virtual environment, which the check has too. Poetry would take that
 * environment, in which its own packages then stand, for the project's: it has to be there.
 */
const UV_OR_BY_PIP = "{ command -v uv >/dev/null || python -m pip install uv; }";

/** pip knows `--group` since 25.1; a virtual environment of Debian 12 or Python 3.11 has an older one. */
const NEWER_PIP = "python -m pip install 'pip>=25.1' && ";

const PYTHON_TEXT = /^(?:pyproject\.toml|setup\.cfg|setup\.py|tox\.ini|pytest\.ini|[\w-]*requirements[\w-]*\.txt)$/;

/** Names below a heading of TOML, up to the next one. */
function namesBelow(toml: string, heading: string): Set<string> {
  const from = toml.split("\n").findIndex((line) => line.trim() === `[${heading}]`);
  if (from < 0) return new Set();
  const rest = toml.split("\n").slice(from + 1);
  const end = rest.findIndex((line) => /^\[/.test(line));
  const lines = end < 0 ? rest : rest.slice(0, end);
  return new Set(lines.flatMap((line) => /^"?([\w-]+)"?\s*=/.exec(line)?.[1] ?? []));
}

function hasExtra({ texts }: BuildFiles, name: string): boolean {
  const pyproject = texts.get("pyproject.toml") ?? "";
  const cfg = /\[options\.extras_require\]([\s\S]*?)(?:\n\[|$)/.exec(texts.get("setup.cfg") ?? "")?.[1] ?? "";
  return (
    namesBelow(pyproject, "project.optional-dependencies").has(name) ||
    namesBelow(pyproject, "tool.poetry.extras").has(name) ||
    new RegExp(`^${name}\\s*=`, "m").test(cfg)
  );
}

const groupOf = (pyproject: string) => namesBelow(pyproject, "dependency-groups");
