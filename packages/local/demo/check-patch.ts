import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { RepoRun } from "../../jobs/repo-run.ts";
import type { Person } from "../../stand-ins/slack/person.ts";
import { ACTIONS } from "../../views/actions.ts";
import { lookActionId } from "../../views/history/places.ts";

const run = promisify(execFile);

/**
 * As a reviewer would: press Download patch in the run's Details, fetch the link, apply it to a fresh clone, compare the
 * tree. Answers with the patch and a sentence about it. `place`: which one of the job's runs it is.
 */
export async function downloadAndApply(
  person: Person,
  cardTs: string,
  { repoRun, place }: { repoRun: RepoRun; place: number },
  remote: { serverUrl: string; token: string },
): Promise<{ patch: Buffer; says: string }> {
  const { repository } = repoRun;
  await person.click(cardTs, lookActionId("job"));
  const modal = await person.modal();
  await pressed(() => modal.click(lookActionId(`run-${place}`)));
  await pressed(() => modal.click(ACTIONS.downloadPatch));
  const link = await pressed(async () => linkIn(modal.view));
  const answer = await fetch(link);
  if (!answer.ok) throw new Error(`The patch's link answered ${answer.status}.`);
  const folder = await mkdtemp(join(tmpdir(), "cody-patch-"));
  try {
    const patch = join(folder, "downloaded.patch");
    const bytes = Buffer.from(await answer.arrayBuffer());
    await writeFile(patch, bytes);
    const url = `${remote.serverUrl}/${repository}.git`;
    const basic = Buffer.from(`x-access-token:${remote.token}`).toString("base64");
    const env = {
      ...process.env,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `http.${remote.serverUrl}/.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    };
    await run("git", ["clone", "-q", url, join(folder, "clone")], { env });
    const git = async (...args: string[]) => (await run("git", ["-C", join(folder, "clone"), ...args])).stdout.trim();
    await git("checkout", "-q", repoRun.baseCommit!);
    await git("apply", "--index", patch);
    const tree = await git("write-tree");
    if (tree !== repoRun.patch!.treeId) throw new Error(`The patch of ${repository} gives another tree: ${tree}.`);
    const fileName = answer.headers.get("content-disposition")?.split(";")[1]?.trim();
    const says = `${repository}: patch downloaded through its link (${fileName}), applies to a fresh clone, tree ${tree.slice(0, 12)} is the one that Work recorded`;
    return { patch: bytes, says };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const LOOK_MS = 50;
const TRIES = 200;

/** What a person does is there once the view that it belongs to has opened. */
async function pressed<Result>(act: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (tries === TRIES) throw error;
      await sleep(LOOK_MS);
    }
  }
}

function linkIn(view: unknown): string {
  const [link] = /https?:\/\/[^"\\|>\s]+X-Amz-Signature[^"\\|>\s]+/.exec(JSON.stringify(view)) ?? [];
  if (!link) throw new Error("No link arrived after pressing Download patch.");
  return link.replaceAll("&amp;", "&");
}
