import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest, two minutes at most, down to a few seconds. Vitest knows durations from its cache only. */
const SLOW = [
  ...["/test/story/kill", "/test/browser/", "/test/sandbox/sandbox", "/test/infra/deployed", "/test/story/"],
  ...["/test/sandbox/git", "/test/publish/journeys", "/test/store/contract", "/test/pipeline/explorer"],
  ...["/test/sandbox/", "/test/agent/loop", "/test/infra/", "/test/stand-ins/forge", "/test/work/", "/test/workspace/"],
  ...["/test/stand-ins/", "/test/transcript/page", "/test/pipeline/pipeline", "/test/slack/", "/test/notify/"],
];

/** Long files begin first, so that none of them is left running alone at the end. */
export default class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = SLOW.findIndex((part) => moduleId.includes(part));
      return found === -1 ? SLOW.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
