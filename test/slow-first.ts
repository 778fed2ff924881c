import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest, two minutes at most, down to half a minute: by hand, since a clean clone knows no durations. */
const SLOW = [
  ...["/test/story/kill", "/test/browser/", "/test/sandbox/sandbox", "/test/infra/deployed", "/test/story/"],
  ...["/test/store/contract", "/test/pipeline/explorer", "/test/stand-ins/forge", "/test/pipeline/pipeline"],
];
/** The long ones of the files that start processes: these come behind all that start servers. */
const SLOW_PROCESSES = [
  ...["/test/sandbox/git", "/test/publish/journeys", "/test/work/work", "/test/sandbox/limits", "/test/workspace/c"],
];
/** A worker is kept for the next file only where that is one of the same project: one project after the other. */
const ORDER = [...SLOW, "servers", ...SLOW_PROCESSES, "processes", "unit"];

/** Long files begin first, so that none of them is left running alone at the end. */
export default class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const slow = ORDER.findIndex((part) => part.startsWith("/") && moduleId.includes(part));
      return slow === -1 ? ORDER.indexOf(project.name) : slow;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
