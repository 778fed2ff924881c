import type { App, BlockButtonAction, webApi } from "@slack/bolt";
import { ACTIONS } from "../../packages/views/actions.ts";
import { type Patches, reviewed, reviewLoading, reviewModal, reviewSentence } from "../../packages/views/review.ts";
import { readOwnJob, targetOf } from "../access.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { openView, showRead, whoOf } from "../listen.ts";

/** A modal is no place to review more; the whole patch is a download. */
const MAX_PATCH_BYTES = 2 * 1024 * 1024;

/** `value`: the job, and the repository when it is about one only. */
async function reviewOf(deps: SlackDeps, who: Who, value: string, notice?: string) {
  const { jobId, repository } = targetOf(value);
  const record = await readOwnJob(deps, jobId, who);
  const patches: Patches = new Map(
    await Promise.all(
      reviewed(record, { repository }).map(async ({ repository, patch }) => {
        const bytes = patch && patch.bytes <= MAX_PATCH_BYTES ? await deps.artifacts.read(patch.key) : undefined;
        return [repository, bytes && (await withoutSecrets(bytes))] as const;
      }),
    ),
  );
  return reviewModal(record, patches, { repository, notice });
}

/** A line that a change removes, or that stands beside it, may hold one. Loaded for a review alone: it is large. */
async function withoutSecrets(patch: Uint8Array): Promise<Uint8Array> {
  const [{ createRedactor }, { shownPatch }] = await Promise.all([
    import("../../packages/secrets/redact.ts"),
    import("../../packages/secrets/shown-patch.ts"),
  ]);
  return shownPatch(patch, createRedactor([]));
}

const show = (deps: SlackDeps, client: webApi.WebClient, viewId: string, who: Who, value: string, said?: string) =>
  showRead(
    client,
    viewId,
    () => reviewOf(deps, who, value, said),
    (sentence) => reviewSentence(value, sentence),
  );

/** After a decision in the modal: what has become of everything in it. */
export const showReview = (
  deps: SlackDeps,
  client: webApi.WebClient,
  { id, private_metadata }: { id: string; private_metadata: string },
  who: Who,
  said: string | undefined,
) => show(deps, client, id, who, private_metadata, said);

/** Who may read the job may look; not everyone who looks may decide. */
export function listenToReview(app: App, deps: SlackDeps): void {
  for (const actionId of [ACTIONS.review, ACTIONS.reviewAll])
    app.action<BlockButtonAction>(actionId, async (args) => {
      const { action, body, client, context } = args;
      const value = action.value ?? "";
      const { id: viewId } = await openView(args, body.trigger_id, reviewLoading(value));
      await show(deps, client, viewId, whoOf(context), value);
    });
}
