import type { App, BlockButtonAction, MessageShortcut } from "@slack/bolt";
import { button } from "../../packages/views/button.ts";
import { clipToSize } from "../../packages/views/size.ts";
import { LIMITS, mrkdwn } from "../../packages/views/text.ts";
import { jobOfThread } from "../card-of-thread.ts";
import { whoOf } from "../listen.ts";
import { messageWords, wordsTo } from "../message-words.ts";
import { unescapedMrkdwn } from "../prompt-text.ts";
import { filesOfMessage } from "../read-file.ts";
import { readMention } from "../thread-context.ts";
import type { RunForm } from "./run-form.ts";

export const SHORTCUT = "cody-run-on-message";
export const OPEN_FORM = "cody-open-form";

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

/** Where the mention stands, and as much of it as a button's value holds. Slack may give values back escaped. */
const mentionValue = ({ ts, thread_ts }: { ts: string; thread_ts?: string | undefined }, prompt: string) =>
  clipToSize(`${ts} ${thread_ts ?? "-"}\n${prompt}`, LIMITS.buttonValue);

function readMentionValue(value = ""): { prompt: string; ts?: string; threadTs?: string | undefined } {
  const [, ts, thread, prompt = ""] = /^([\d.]+) ([\d.]+|-)\n([\s\S]*)$/.exec(value) ?? [];
  return ts
    ? { prompt: unescapedMrkdwn(prompt), ts, threadTs: thread === "-" ? undefined : thread }
    : { prompt: unescapedMrkdwn(value).trim() };
}

/**
 * An edit of a mention comes as a mention, and so does one that Slack delivers again because our answer was late: the
 * first delivery is under way then, or was answered long ago.
 */
const isRepeated = (event: object, { retryReason = "" }: { retryReason?: string | undefined }) =>
  "edited" in event || /timeout/.test(retryReason);

const MAX_OFFERED = 500;

/** What this process has answered lately: a delivery that came twice for any other reason. */
function createOffered() {
  const offered = new Set<string>();
  return (mention: string): boolean => {
    if (offered.has(mention)) return false;
    if (offered.size >= MAX_OFFERED) offered.clear();
    offered.add(mention);
    return true;
  };
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
          elements: [button("Open the form", OPEN_FORM, mentionValue(event, prompt), { style: "primary" })],
        },
      ],
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
