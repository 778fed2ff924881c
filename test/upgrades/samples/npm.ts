import { hostOf, runs, type Sample } from "../sample.ts";

/** CVE-2021-44906: minimist before 1.2.6 lets an argument change every object. */
const TEST = `import assert from "node:assert/strict";
import test from "node:test";
import { flagsOf } from "../src/flags.js";

test("reads flags", () => {
  assert.equal(flagsOf(["--port", "8080"]).port, 8080);
});

test("an argument changes no other object", () => {
  flagsOf(["--_.constructor.constructor.prototype.port", "1"]);
  assert.equal((() => {}).port, undefined);
});
`;

const manifest = (version: string) => `{
  "name": "flags",
  "version": "2.3.0",
  "private": true,
  "type": "module",
  "scripts": {
    "test": "node --test"
  },
  "dependencies": {
    "minimist": "${version}"
  }
}
`;

const lock = (version: string, integrity: string, more = "") => `{
  "name": "flags",
  "version": "2.3.0",
  "lockfileVersion": 3,
  "requires": true,
  "packages": {
    "": {
      "name": "flags",
      "version": "2.3.0",
      "dependencies": {
        "minimist": "${version}"
      }
    },
    "node_modules/minimist": {
      "version": "${version}",
      "resolved": "https://${hostOf("npm")}/minimist/-/minimist-${version}.tgz",
      "integrity": "sha512-${integrity}==",
      "license": "MIT"${more}
    }
  }
}
`;

const FUNDING = `,
      "funding": {
        "url": "https://github.com/sponsors/ljharb"
      }`;

export const npm: Sample = {
  client: "npm",
  needs: ["npm", "node"],
  hosts: [hostOf("npm")],
  repository: "shop/flags",
  files: {
    ".gitignore": "node_modules/\n",
    "package.json": manifest("1.2.5"),
    "package-lock.json": lock(
      "1.2.5",
      "FM9nNUYrRBAELZQT3xeZQ7fmMOBg6nWNmJKTcgsJeaLstP/UODVpGsr5OhXhhXg6f+qtJ8uiZ+PUxkDWcgIXLw",
    ),
    "src/flags.js": 'import minimist from "minimist";\n\nexport const flagsOf = (argv) => minimist(argv);\n',
    "test/flags.test.js": TEST,
  },
  steps: [runs("npm install --save-exact minimist@1.2.8")],
  after: {
    "package.json": manifest("1.2.8"),
    "package-lock.json": lock(
      "1.2.8",
      "2yyAR8qBkN3YuheJanUpWC5U3bb5osDywNB8RzDVlDwDHbocAJveqqj1u8+SVD7jkWT4yvsHCpWqqWqAxb0zCA",
      FUNDING,
    ),
  },
};
