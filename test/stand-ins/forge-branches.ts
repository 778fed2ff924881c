import type { SetAsk } from "../../packages/jobs/set-ask.ts";
import { anAsk } from "../builders.ts";
import { git, testForge } from "./forge-fixture.ts";

const COMMIT = { date: "2022-01-01T00:00:00Z" };
const REPOSITORY = "acme/app";

/** A forge with an open pull request for each branch; each adds the files that it is given. */
export async function forgeWithBranches(branches: Record<string, Record<string, string>>) {
  const forge = await testForge();
  const from = { commits: [{ ...COMMIT, message: "Start\n", files: { README: "hello\n" } }] };
  await forge.admin.addRepository({ name: REPOSITORY, from });
  const bare = forge.admin.gitFolder(REPOSITORY);
  const asks: SetAsk[] = [];
  for (const [branch, files] of Object.entries(branches)) {
    git(bare, "branch", branch, "main");
    await forge.admin.commit(REPOSITORY, branch, { ...COMMIT, message: `${branch}\n`, files });
    const opened = { owner: "acme", repo: "app", title: branch, head: branch, base: "main" };
    const { data } = await forge.writer.rest.pulls.create(opened);
    const { number, node_id: nodeId, html_url: url } = data;
    asks.push(anAsk({ repository: REPOSITORY, number, nodeId, url, branch, head: data.head.sha }));
  }
  return {
    ...forge,
    asks,
    bare,
    repository: forge.admin.repository(REPOSITORY),
    place: (number: number) => forge.admin.placeOf(REPOSITORY, number),
    /** A newer commit on a branch, as of a person. */
    push: (branch: string) =>
      forge.admin.commit(REPOSITORY, branch, { ...COMMIT, message: "More\n", files: { MORE: `${branch}\n` } }),
    pullsOn: (number: number) => forge.admin.pullRequests(REPOSITORY).find((one) => one.number === number)!,
  };
}
