import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pullRequestId } from "../../packages/stand-ins/forge/answers/pull-request.ts";
import { nodeId } from "../../packages/stand-ins/forge/answers/user.ts";
import { git, scratchFolder, testForge } from "./forge-fixture.ts";

const COMMIT = { date: "2022-01-01T00:00:00Z" };
type Options = Parameters<typeof testForge>[1];

/**
 * A forge with so many open pull requests of one branch: they are written into its file, because to open one after the
 * other takes git for each. Its node ids are those that its API gives.
 */
export async function forgeWithPulls(count: number, options: Options = {}) {
  const folder = scratchFolder();
  const first = await testForge(folder, options);
  const from = { commits: [{ ...COMMIT, message: "Start\n", files: { README: "hello\n" } }] };
  await first.admin.addRepository({ name: "acme/app", from });
  git(first.admin.gitFolder("acme/app"), "branch", "cody/x", "main");
  await first.admin.commit("acme/app", "cody/x", { ...COMMIT, message: "Change\n", files: { NEWS: "new\n" } });
  const opened = { owner: "acme", repo: "app", title: "Change", head: "cody/x", base: "main" };
  await first.writer.rest.pulls.create(opened);
  await first.stop();

  const file = join(folder, "forge.json");
  const state = JSON.parse(readFileSync(file, "utf8"));
  const [pull] = state.pullRequests;
  state.pullRequests = Array.from({ length: count }, (_, i) => ({ ...pull, number: i + 1 }));
  writeFileSync(file, JSON.stringify(state));
  const forge = await testForge(folder, options);
  const place = (number: number) => forge.admin.placeOf("acme/app", number);
  const asked = Array.from({ length: count }, (_, i) => {
    const { repository, pull } = place(i + 1);
    return { nodeId: nodeId("PullRequest", pullRequestId(repository, pull)), repository: "acme/app" };
  });
  return { ...forge, asked, place };
}
