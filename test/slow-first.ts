import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest, two minutes at most, down to half a minute: by hand, since a clean clone knows no durations. */
const SLOW = [
  ...["/test/story/kill", "/test/browser/", "/test/sandbox/sandbox", "/test/infra/deployed", "/test/story/"],
  ...["/test/sandbox/git", "/test/publish/journeys", "/test/store/contract", "/test/pipeline/explorer"],
  ...[
    "/test/work/work",
    "/test/workspace/c",
    "/test/sandbox/limits",
    "/test/stand-ins/forge",
    "/test/pipeline/pipeline",
  ],
];
/** A worker is kept for the next file only where that is one of the same project. */
const PROJECTS = ["processes", "servers", "unit"];

/** Long files begin first, so that none of them is left running alone at the end; then project by project. */
export default class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const found = SLOW.findIndex((part) => moduleId.includes(part));
      return found === -1 ? SLOW.length + PROJECTS.indexOf(project.name) : found;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
