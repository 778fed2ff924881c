import type { App, BlockButtonAction, types } from "@slack/bolt";
import { z } from "zod";
import { GALLERY } from "../../packages/gallery/gallery.ts";
import { type GalleryJob, galleryOptions, placeNames } from "../../packages/gallery/gallery-job.ts";
import { galleryJob } from "../../packages/gallery/places.ts";
import { CONSENT_LABEL } from "../../packages/github/protected-paths.ts";
import { DELIVERIES } from "../../packages/jobs/deliveries.ts";
import { UserError } from "../../packages/jobs/errors.ts";
import { listed } from "../../packages/text/lists.ts";
import { button } from "../../packages/views/button.ts";
import { context } from "../../packages/views/history/blocks.ts";
import { HOME_ACTIONS } from "../../packages/views/history/home-state.ts";
import { escaped, LIMITS, mrkdwn, plain } from "../../packages/views/text.ts";
import { STALE } from "../access.ts";
import { type Opener, openModal, whoOf } from "../listen.ts";
import type { RunForm } from "./run-form.ts";

const GALLERY_MODAL = "cody-gallery";
const START = "cody-gallery-start";

const Metadata = z.object({ channelId: z.string().min(1) });

const placesToFill = (job: GalleryJob) => listed(placeNames(job));

/** What a person has to know before they choose it. */
function jobWords(job: GalleryJob): string {
  const { check, delivery, mayChangeCi } = job;
  return [
    `You fill in: ${placesToFill(job)}.`,
    `${DELIVERIES[delivery].name}. Check: ${check ?? "the repository's own"}.`,
    ...(mayChangeCi ? [`“${CONSENT_LABEL}” is ticked.`] : []),
  ].join(" ");
}

const entry = (job: GalleryJob): types.KnownBlock[] => [
  {
    type: "section",
    block_id: job.name,
    text: mrkdwn(`*${escaped(job.title)}*\n${escaped(job.promise)}`),
    accessory: button("Start", START, job.name, { accessibility_label: `Start from: ${job.title}` }),
  },
  context(escaped(jobWords(job))),
];

/** `channelId`: where the card of the job belongs. */
const view = (channelId: string): types.ModalView => ({
  type: "modal",
  callback_id: GALLERY_MODAL,
  private_metadata: JSON.stringify({ channelId } satisfies z.infer<typeof Metadata>),
  title: plain("Jobs to start from", LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  blocks: [
    context(
      "Each opens the form with everything filled in but what stands between &lt;&lt; and &gt;&gt;. Change what you like.",
    ),
    ...GALLERY.flatMap(entry),
  ],
});

export const openGallery = (opener: Opener, triggerId: string, channelId: string): Promise<void> =>
  openModal(opener, triggerId, view(channelId));

/** What the form says below its menu once one was chosen. */
export const galleryWords = (job: GalleryJob): string =>
  `“${escaped(job.title)}”: ${escaped(job.promise)}. Fill in: ${escaped(placesToFill(job))}.`;

/** Jobs that the product brings along: chosen here, the form takes their place. */
export function listenToGallery(app: App, form: RunForm): void {
  app.action<BlockButtonAction>(HOME_ACTIONS.gallery, (args) =>
    openGallery(args, args.body.trigger_id, args.body.user.id),
  );
  app.action<BlockButtonAction>(START, async ({ ack, action, body, client, context: about }) => {
    await ack();
    const job = galleryJob(action.value);
    if (!job || body.view?.callback_id !== GALLERY_MODAL) throw new UserError(STALE);
    const { channelId } = Metadata.parse(JSON.parse(body.view.private_metadata));
    const note = `Fill in what stands between << and >>: ${placesToFill(job)}.`;
    const content = { prompt: job.prompt, options: galleryOptions(job), note };
    await form.replace(client, whoOf(about), { id: body.view.id, hash: body.view.hash }, { channelId, ...content });
  });
}
