import { expect, test } from "vitest";
import { missingToolchains } from "../../packages/jobs/missing-toolchains.ts";
import { toolchainStop } from "../../packages/work/toolchain-stop.ts";

const FOUND = [
  { name: "node", version: "24.1.0" },
  { name: "java", version: "1.8.0_392" },
  { name: "mvn", version: "3.8.7" },
  { name: "pip", version: "installed" },
];

test.each<[string, string[], string[]]>([
  ["nothing is asked for", [], []],
  ["by name", ["node", "java"], []],
  ["by another name of the program", ["maven", "nodejs"], []],
  [
    "by as much of a version as is written",
    ["node@24", "node@24.1", "maven@3.8.7", "java@8", "java@1.8", "java@8.0"],
    [],
  ],
  ["a version is no beginning of another", ["node@2", "node@24.10"], ["node@2", "node@24.10"]],
  ["a version that is not known is believed", ["pip@23"], []],
  ["what is not there", ["go", "rust@1.80"], ["go", "rust@1.80"]],
])("toolchains that commands lack: %s", (_, wanted, missing) => {
  expect(missingToolchains(wanted, FOUND)).toEqual(missing);
});

test("a round that lacks one ends blocked, in a sentence that names what is there", () => {
  expect(toolchainStop(["node"], FOUND)).toBeUndefined();
  const { ending, reason } = toolchainStop(["go", "java@21"], FOUND)!;
  expect([ending, reason!.message]).toEqual([
    "blocked",
    "Settings of this repository ask for go and java@21, and commands find node 24.1.0, java 1.8.0_392, mvn 3.8.7 and pip. Nothing was spent.",
  ]);
});
