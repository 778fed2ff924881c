import type { App, BlockButtonAction, MessageShortcut } from "@slack/bolt";
import { mrkdwn } from "../../packages/views/text.ts";
import { formButton, HELP, OPEN_FORM } from "../../packages/views/welcome.ts";
import { jobOfThread } from "../card-of-thread.ts";
import { whoOf } from "../listen.ts";
import { messageWords, wordsTo } from "../message-words.ts";
import { filesOfMessage } from "../read-file.ts";
import { readMention } from "../thread-context.ts";
import { answerTo, NO_PROMPT, OFFER } from "./direct-message.ts";
import { mentionValue, readMentionValue } from "./mention-value.ts";
import { createOffered, isRepeated } from "./offered.ts";
import type { RunForm } from "./run-form.ts";

export const SHORTCUT = "cody-run-on-message";

/** "Run Cody on this": the message becomes the prompt. */
function listenToShortcut(app: App, form: RunForm) {
  app.shortcut<MessageShortcut>(SHORTCUT, (args) => {
    const { shortcut, context } = args;
    const prompt = messageWords(shortcut.message);
    const { trigger_id: triggerId, channel } = shortcut;
    return form.open(args, {
      triggerId,
      who: whoOf(context),
      channelId: channel.id,
      prompt,
      files: filesOfMessage(shortcut.message),
    });
  });
}

/** A mention has no trigger that could open a modal: the answer is a button that has one. */
function listenToMention(app: App, form: RunForm) {
  const isNew = createOffered();
  app.event("app_mention", async ({ event, client, context }) => {
    if (!event.user || isRepeated(event, context) || !isNew(`${event.channel} ${event.ts}`)) return;
    const { channel: channelId, thread_ts: ts } = event;
    // Under a card a mention is a follow-up like every other reply: the message's own event brings it.
    if (ts && (await jobOfThread(client, { channelId, ts }, context.botUserId))) return;
    const prompt = wordsTo(event, context.botUserId!);
    const isHelp = answerTo(prompt) === "help";
    const text = isHelp ? HELP : OFFER;
    await client.chat.postEphemeral({
      channel: event.channel,
      user: event.user,
      ...(event.thread_ts && { thread_ts: event.thread_ts }),
      text,
      blocks: [{ type: "section", text: mrkdwn(text) }, formButton(isHelp ? NO_PROMPT : mentionValue(event, prompt))],
    });
  });
  // The form opens with what the button holds; the thread, and the rest of a long mention, follow.
  app.action<BlockButtonAction>(OPEN_FORM, async (args) => {
    const { action, body, client, context } = args;
    const channelId = body.channel?.id ?? body.user.id;
    const { prompt, ...place } = readMentionValue(action.value);
    const { ts, threadTs } = place;
    const whole = ts ? () => readMention(client, { channelId, ts, threadTs }, context.botUserId!) : undefined;
    const opened = { triggerId: body.trigger_id, who: whoOf(context), channelId, prompt };
    await form.open(args, { ...opened, ...(whole && { whole }) });
  });
}

export function listenToMessages(app: App, form: RunForm): void {
  listenToShortcut(app, form);
  listenToMention(app, form);
}
