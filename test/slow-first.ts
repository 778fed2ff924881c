import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Folders whose files take longest, a minute each at most. Vitest knows durations from its cache only. */
const SLOW = ["/test/browser/", "/test/story/", "/test/infra/deployed", "/test/sandbox/", "/test/workspace/"];

/** Long files begin first, so that none of them is left running alone at the end. */
export default class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = SLOW.findIndex((folder) => moduleId.includes(folder));
      return found === -1 ? SLOW.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
