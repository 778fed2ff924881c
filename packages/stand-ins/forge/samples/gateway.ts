import type { NewRepository } from "../repositories.ts";
import { CODY_YML } from "./cody-yml.ts";

/**
 * Node: minimist 1.2.5 (CVE-2021-44906) in package.json and package-lock.json. `node --test` passes without an install
 * and fails when the two files name different versions.
 */
export const gateway: NewRepository = {
  name: "acme/gateway",
  description: "Routes requests of the shop to its services.",
  topics: ["node", "gateway", "edge"],
  language: "JavaScript",
  from: {
    commits: [
      {
        message: "Start the gateway\n",
        date: "2022-01-11T10:00:00Z",
        files: {
          "README.md": "# Gateway\n\nRoutes requests of the shop to its services.\n\n    npm test\n",
          ".gitignore": "node_modules/\n",
          "package.json": packageJson({}),
          "package-lock.json": packageLock({}),
          "src/routes.js": ROUTES(),
          "test/routes.test.js": ROUTES_TEST(),
        },
      },
      {
        message: "Read the port from the command line\n",
        date: "2022-02-03T15:21:00Z",
        files: {
          "package.json": packageJson({ minimist: "^1.2.5" }),
          "package-lock.json": packageLock({ minimist: "^1.2.5" }),
          "src/main.js": MAIN(),
        },
      },
      {
        message: "Test that the lock file agrees with package.json\n",
        date: "2022-02-17T08:30:00Z",
        files: { "test/dependencies.test.js": DEPENDENCIES_TEST(), ".cody.yml": CODY_YML },
      },
    ],
  },
};

function packageJson(dependencies: Record<string, string>) {
  const manifest = {
    name: "gateway",
    version: "2.3.0",
    private: true,
    type: "module",
    scripts: { start: "node src/main.js", test: "node --test" },
    dependencies,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Written as npm does with omit-lockfile-registry-resolved: a version and its integrity, no address. */
function packageLock(dependencies: { minimist?: string }) {
  const minimist = {
    version: "1.2.5",
    integrity: "sha512-FM9nNUYrRBAELZQT3xeZQ7fmMOBg6nWNmJKTcgsJeaLstP/UODVpGsr5OhXhhXg6f+qtJ8uiZ+PUxkDWcgIXLw==",
  };
  const lock = {
    name: "gateway",
    version: "2.3.0",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": { name: "gateway", version: "2.3.0", dependencies },
      ...(dependencies.minimist && { "node_modules/minimist": minimist }),
    },
  };
  return `${JSON.stringify(lock, null, 2)}\n`;
}

function ROUTES() {
  return `const ROUTES = { '/orders': 'http://orders:8080', '/ledger': 'http://ledger:8080' };

export function targetOf(path) {
  const prefix = Object.keys(ROUTES).find((one) => path === one || path.startsWith(\`\${one}/\`));
  return prefix && ROUTES[prefix] + path.slice(prefix.length);
}
`;
}

function ROUTES_TEST() {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetOf } from '../src/routes.js';

test('a path goes to the service that owns it', () => {
  assert.equal(targetOf('/orders/17'), 'http://orders:8080/17');
  assert.equal(targetOf('/unknown'), undefined);
});
`;
}

function MAIN() {
  return `import { createServer, request } from 'node:http';
import minimist from 'minimist';
import { targetOf } from './routes.js';

const { port = 8000 } = minimist(process.argv.slice(2));

createServer((incoming, outgoing) => {
  const target = targetOf(incoming.url);
  if (!target) return outgoing.writeHead(404).end();
  incoming.pipe(request(target, { method: incoming.method }, (answer) => answer.pipe(outgoing)));
}).listen(port);
`;
}

function DEPENDENCIES_TEST() {
  return `import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (file) => JSON.parse(readFileSync(new URL(\`../\${file}\`, import.meta.url), 'utf8'));
const numbers = (version) => version.replace(/^[^0-9]*/, '').split('.').map(Number);

test('package.json and package-lock.json name the same dependencies', () => {
  assert.deepEqual(read('package-lock.json').packages[''].dependencies, read('package.json').dependencies);
});

test('every locked version is at least what package.json asks for', () => {
  const { packages } = read('package-lock.json');
  for (const [name, wanted] of Object.entries(read('package.json').dependencies)) {
    const [major, minor, patch] = numbers(packages[\`node_modules/\${name}\`].version);
    const [wantedMajor, wantedMinor, wantedPatch] = numbers(wanted);
    const enough = minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch);
    assert.ok(major === wantedMajor && enough, \`\${name} is locked below \${wanted}\`);
  }
});
`;
}
