import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGitHub } from "../../packages/github/client.ts";
import { ownerAndRepo } from "../../packages/github/repositories.ts";
import { startForge } from "../../packages/stand-ins/forge/forge.ts";
import { runGit } from "../../packages/stand-ins/forge/run-git.ts";

const COMMIT = { date: "2022-01-01T00:00:00Z" };
export const PULLS_OF = "acme/app";

/**
 * A forge's folder with so many open pull requests in each of these repositories, all of one branch: they are written
 * into its file, because to open one after the other takes git for each.
 */
export async function fillWithPulls(folder: string, count: number, repositories = [PULLS_OF]): Promise<void> {
  const forge = await startForge({ folder, log: () => {} });
  const { admin } = forge;
  const writer = createGitHub({ token: forge.writeToken, apiUrl: forge.apiUrl });
  const from = { commits: [{ ...COMMIT, message: "Start\n", files: { README: "hello\n" } }] };
  for (const name of repositories) {
    await admin.addRepository({ name, from });
    await runGit(admin.gitFolder(name), ["branch", "cody/x", "main"]);
    await admin.commit(name, "cody/x", { ...COMMIT, message: "Change\n", files: { NEWS: "new\n" } });
    await writer.rest.pulls.create({ ...ownerAndRepo(name), title: "Change", head: "cody/x", base: "main" });
  }
  await forge.stop();

  const file = join(folder, "forge.json");
  const state = JSON.parse(readFileSync(file, "utf8"));
  state.pullRequests = state.pullRequests.flatMap((pull: object) =>
    Array.from({ length: count }, (_, i) => ({ ...pull, number: i + 1 })),
  );
  writeFileSync(file, JSON.stringify(state));
}
