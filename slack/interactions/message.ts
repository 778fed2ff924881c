import type { App, BlockButtonAction, MessageShortcut } from "@slack/bolt";
import { MAX_PROMPT_CHARS } from "../../packages/jobs/limits.ts";
import { button } from "../../packages/notify/ending.ts";
import { clip, LIMITS, mrkdwn } from "../../packages/notify/text.ts";
import { jobOfThread } from "../card-of-thread.ts";
import type { SlackDeps } from "../deps.ts";
import { openModal } from "../listen.ts";
import { promptText } from "../prompt-text.ts";
import { runModal } from "./run-modal.ts";

export const SHORTCUT = "cody-run-on-message";
export const OPEN_FORM = "cody-open-form";

/** "Run Cody on this": the message becomes the prompt. */
function listenToShortcut(app: App, deps: SlackDeps) {
  app.shortcut<MessageShortcut>(SHORTCUT, (args) => {
    const { shortcut } = args;
    const prompt = clip(promptText(shortcut.message.text ?? ""), MAX_PROMPT_CHARS);
    return openModal(args, shortcut.trigger_id, runModal(deps.settings, { channelId: shortcut.channel.id, prompt }));
  });
}

/** A mention has no trigger that could open a modal: the answer is a button that has one. */
function listenToMention(app: App, deps: SlackDeps) {
  app.event("app_mention", async ({ event, client, context }) => {
    if (!event.user) return;
    const { channel: channelId, thread_ts: ts } = event;
    // Under a card a mention is a follow-up like every other reply: the message's own event brings it.
    if (ts && (await jobOfThread(client, { channelId, ts }, context.botUserId))) return;
    const prompt = promptText(event.text.replaceAll(`<@${context.botUserId}>`, ""));
    const text = "Open the form to choose repositories and start a job.";
    await client.chat.postEphemeral({
      channel: event.channel,
      user: event.user,
      ...(event.thread_ts && { thread_ts: event.thread_ts }),
      text,
      blocks: [
        { type: "section", text: mrkdwn(text) },
        {
          type: "actions",
          elements: [button("Open the form", OPEN_FORM, clip(prompt || " ", LIMITS.buttonValue), { style: "primary" })],
        },
      ],
    });
  });
  app.action<BlockButtonAction>(OPEN_FORM, (args) => {
    const { action, body } = args;
    const channelId = body.channel?.id ?? body.user.id;
    return openModal(args, body.trigger_id, runModal(deps.settings, { channelId, prompt: action.value ?? "" }));
  });
}

export function listenToMessages(app: App, deps: SlackDeps): void {
  listenToShortcut(app, deps);
  listenToMention(app, deps);
}
