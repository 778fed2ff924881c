import { setTimeout as sleep } from "node:timers/promises";
import type { RepoRun } from "../../jobs/repo-run.ts";
import type { Person } from "../../stand-ins/slack/person.ts";
import { ACTIONS } from "../../views/actions.ts";
import { lookActionId } from "../../views/history/places.ts";
import { patchedTree } from "./patched-tree.ts";

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
  const patch = Buffer.from(await answer.arrayBuffer());
  const url = `${remote.serverUrl}/${repository}.git`;
  const tree = await patchedTree(patch, { commit: repoRun.baseCommit!, url, token: remote.token });
  if (tree !== repoRun.patch!.treeId) throw new Error(`The patch of ${repository} gives another tree: ${tree}.`);
  const fileName = answer.headers.get("content-disposition")?.split(";")[1]?.trim();
  const says = `${repository}: patch downloaded through its link (${fileName}), applies to a fresh clone, tree ${tree.slice(0, 12)} is the one that Work recorded`;
  return { patch, says };
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
