import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Says at the end of a whole run which tests were skipped; their titles say what they need. */
export default class Skipped implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]) {
    if (modules.some((module) => module.project.config.testNamePattern)) return;
    const counts = new Map<string, number>();
    for (const test of modules.flatMap((module) => [...module.children.allTests("skipped")]))
      counts.set(titleOf(test), (counts.get(titleOf(test)) ?? 0) + 1);
    if (counts.size > 0) console.log("Skipped here, for want of what their titles name:");
    for (const [title, count] of counts) console.log(`  ${title}: ${count === 1 ? "1 test" : `${count} tests`}`);
  }
}

/** The outermost group, without its other tests when only this one is skipped. */
function titleOf(test: TestCase): string {
  const groups: string[] = [];
  let parent = test.parent;
  for (; parent.type === "suite"; parent = parent.parent) groups.unshift(parent.name);
  const [outermost] = groups;
  const isWhole = parent.children.allTests().every((one) => one.result().state === "skipped");
  return `${parent.relativeModuleId}: ${isWhole && outermost ? outermost : [...groups, test.name].join(" > ")}`;
}
