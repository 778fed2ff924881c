import { pullRequestId } from "../../packages/stand-ins/forge/answers/pull-request.ts";
import { nodeId } from "../../packages/stand-ins/forge/answers/user.ts";
import { fillWithPulls, PULLS_OF } from "./fill-with-pulls.ts";
import { scratchFolder, testForge } from "./forge-fixture.ts";

type Options = Parameters<typeof testForge>[1];

/** A forge with so many open pull requests. Its node ids are those that its API gives. */
export async function forgeWithPulls(count: number, options: Options = {}) {
  const folder = scratchFolder();
  await fillWithPulls(folder, count);
  const forge = await testForge(folder, options);
  const place = (number: number) => forge.admin.placeOf(PULLS_OF, number);
  const asked = Array.from({ length: count }, (_, i) => {
    const { repository, pull } = place(i + 1);
    return { nodeId: nodeId("PullRequest", pullRequestId(repository, pull)), repository: PULLS_OF };
  });
  return { ...forge, asked, place };
}
