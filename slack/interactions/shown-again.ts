import { LOOK_MODAL, sentenceModal } from "../../packages/views/history/blocks.ts";
import { REVIEW_MODAL } from "../../packages/views/review.ts";
import type { SlackDeps } from "../deps.ts";
import type { AfterClick } from "../listen.ts";
import { showDetails } from "./details.ts";
import { showReview } from "./review.ts";

const TITLE = "Cody";

/**
 * A click in a modal or on the home tab has no message to answer: the modal shows what has become of everything in it,
 * and above the home tab a sentence opens, where there is one to say.
 */
export const showAgain =
  (deps: SlackDeps): AfterClick =>
  async ({ client, view, triggerId, who, said }) => {
    if (view.callback_id === REVIEW_MODAL) await showReview(deps, client, view, who, said);
    else if (view.callback_id === LOOK_MODAL) await showDetails(deps, client, view, who, said);
    else if (said) await client.views.open({ trigger_id: triggerId, view: sentenceModal(TITLE, said) });
  };
