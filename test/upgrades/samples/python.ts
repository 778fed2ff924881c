import { edits, hostOf, runs, type Sample } from "../sample.ts";

/** certifi before 2022.12.7 trusts roots whose owner is not trusted any more (CVE-2022-23491). */
const TEST = `import unittest

from roots import trusted


class RootsTest(unittest.TestCase):
    def test_there_are_many(self):
        self.assertGreater(trusted().count("BEGIN CERTIFICATE"), 50)

    def test_trustcor_is_none_of_them(self):
        self.assertNotIn("TrustCor", trusted())


if __name__ == "__main__":
    unittest.main()
`;

const SOURCE = `import certifi


def trusted():
    """The certificates that every connection trusts."""
    with open(certifi.where(), encoding="utf-8") as file:
        return file.read()
`;

type Release = {
  version: string;
  sdist: { hash: string; path: string; size: number; at: string };
  wheel: { hash: string; path: string; size: number; at: string };
};

const OLD: Release = {
  version: "2022.9.24",
  sdist: {
    hash: "0d9c601124e5a6ba9712dbc60d9c53c21e34f5f641fe83002317394311bdce14",
    path: "cb/a4/7de7cd59e429bd0ee6521ba58a75adaec136d32f91a761b28a11d8088d44/certifi-2022.9.24.tar.gz",
    size: 162705,
    at: "2022-09-24T14:26:53.672Z",
  },
  wheel: {
    hash: "90c1a32f1d68f940488354e36370f6cca89f0f106db09518524c88d6ed83f382",
    path: "1d/38/fa96a426e0c0e68aabc68e896584b83ad1eec779265a028e156ce509630e/certifi-2022.9.24-py3-none-any.whl",
    size: 161120,
    at: "2022-09-24T14:26:51.522Z",
  },
};

const NEW: Release = {
  version: "2022.12.7",
  sdist: {
    hash: "35824b4c3a97115964b408844d64aa14db1cc518f6562e8d7261699d1350a9e3",
    path: "37/f7/2b1b0ec44fdc30a3d31dfebe52226be9ddc40cd6c0f34ffc8923ba423b69/certifi-2022.12.7.tar.gz",
    size: 156897,
    at: "2022-12-07T20:13:22.081Z",
  },
  wheel: {
    hash: "4ad3232f5e926d6718ec31cfc1fcadfde020920e278684144551c91769c7bc18",
    path: "71/4c/3db2b8021bd6f2f0ceb0e088d6b2d49147671f25832fb17970e9b583d742/certifi-2022.12.7-py3-none-any.whl",
    size: 155255,
    at: "2022-12-07T20:13:19.428Z",
  },
};

const [index, files] = [hostOf("pypi"), hostOf("pypi", "files")];
const COMMON = { "roots.py": SOURCE, "tests/test_roots.py": TEST, "tests/__init__.py": "" };

const requirements = ({ version, sdist, wheel }: Release) => `certifi==${version} \\
    --hash=sha256:${sdist.hash} \\
    --hash=sha256:${wheel.hash}
    # via -r requirements.in
`;

const RELEASE = `certifi==${NEW.version}`;

export const pip: Sample = {
  client: "pip",
  needs: ["pip", "python"],
  hosts: [index, files],
  repository: "shop/roots",
  files: { ...COMMON, "requirements.in": "certifi\n", "requirements.txt": requirements(OLD) },
  steps: [
    runs("python -m pip install --quiet pip-tools==7.5.1"),
    runs(`pip-compile --quiet --no-header --generate-hashes --upgrade-package ${RELEASE} requirements.in`),
    runs("python -m pip install --quiet -r requirements.txt && python -m pip list"),
  ],
  after: { "requirements.txt": requirements(NEW) },
};

const project = ({ version }: Release) => `[project]
name = "roots"
version = "1.0.0"
requires-python = ">=3.9"
dependencies = ["certifi==${version}"]
`;

const uvLock = ({ version, sdist, wheel }: Release) => `version = 1
revision = 3
requires-python = ">=3.9"

[[package]]
name = "certifi"
version = "${version}"
source = { registry = "https://${index}/simple" }
sdist = { url = "https://${files}/packages/${sdist.path}", hash = "sha256:${sdist.hash}", size = ${sdist.size}, upload-time = "${sdist.at}" }
wheels = [
    { url = "https://${files}/packages/${wheel.path}", hash = "sha256:${wheel.hash}", size = ${wheel.size}, upload-time = "${wheel.at}" },
]

[[package]]
name = "roots"
version = "1.0.0"
source = { virtual = "." }
dependencies = [
    { name = "certifi" },
]

[package.metadata]
requires-dist = [{ name = "certifi", specifier = "==${version}" }]
`;

export const uv: Sample = {
  client: "uv",
  needs: ["uv", "python"],
  hosts: [index, files],
  repository: "shop/roots-uv",
  files: { ...COMMON, ".gitignore": ".venv/\n", "pyproject.toml": project(OLD), "uv.lock": uvLock(OLD) },
  steps: [edits("pyproject.toml", `certifi==${OLD.version}`, RELEASE), runs("uv sync")],
  after: { "pyproject.toml": project(NEW), "uv.lock": uvLock(NEW) },
};
