import type { App, BlockButtonAction } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import type { CardContent } from "../../packages/views/card.ts";
import { loadingModal, sentenceModal } from "../../packages/views/history/blocks.ts";
import { linkContent, type SignedLink } from "../../packages/views/history/link-view.ts";
import type { Who } from "../deps.ts";
import { messageFor, openView, sentenceFor, tell, whoOf } from "../listen.ts";

const TITLE = "Download";

/**
 * A button that answers with a link, signed on click: below a message only the person who clicked sees it, in a modal
 * or the home tab it comes in a modal of its own.
 */
export function onLink(
  app: App,
  actionId: string | RegExp,
  sign: (who: Who, value: string | undefined) => Promise<SignedLink>,
): void {
  app.action<BlockButtonAction>(actionId, async (args) => {
    const { ack, action, body, client, context, respond } = args;
    const answer = async (): Promise<{ content: CardContent; failure?: unknown }> => {
      try {
        return { content: linkContent(await sign(whoOf(context), action.value)) };
      } catch (failure) {
        const text = body.view ? sentenceFor(failure) : messageFor(failure);
        return { content: { text, blocks: [] }, failure };
      }
    };
    const finish = (failure: unknown) => {
      if (failure !== undefined && !(failure instanceof UserError)) throw failure;
    };

    if (!body.view) {
      const { content, failure } = await answer();
      await ack();
      await tell(respond, content);
      return finish(failure);
    }
    const { id: view_id } = await openView(args, body.trigger_id, loadingModal(TITLE));
    const { content, failure } = await answer();
    const view =
      content.blocks.length > 0
        ? { ...loadingModal(TITLE), blocks: content.blocks }
        : sentenceModal(TITLE, content.text);
    await client.views.update({ view_id, view });
    finish(failure);
  });
}
