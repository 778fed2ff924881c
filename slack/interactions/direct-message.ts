import type { App } from "@slack/bolt";
import { z } from "zod";
import { mrkdwn } from "../../packages/views/text.ts";
import { formButton, HELP } from "../../packages/views/welcome.ts";
import { messageWords } from "../message-words.ts";
import { isPleasantry } from "../refine-text.ts";
import { mentionValue } from "./mention-value.ts";
import { createOffered, isRepeated } from "./offered.ts";

/**
 * What a person writes to us directly, outside of threads: below a card it is a follow-up. What an app says, us included,
 * is no such message, so that two of them cannot talk to each other for ever.
 */
const DirectMessage = z.looseObject({
  channel_type: z.literal("im"),
  channel: z.string(),
  user: z.string(),
  ts: z.string(),
  text: z.string().default(""),
  thread_ts: z.undefined().optional(),
  subtype: z.literal("file_share").optional(),
  bot_id: z.undefined().optional(),
});

const GREETINGS =
  /^(hi+|hey+|hello+|howdy|yo|hallo|help|start|menu|test|ping|\?+|who are you|what can you do)[\s!.?]*$/i;
const GREETING =
  "Hello. Write what I should do, for example `Raise log4j-core to at least 2.17.1 in acme/orders`, and I offer the form.";
/** Slack takes no empty value of a button; it is trimmed off. */
export const NO_PROMPT = " ";
export const OFFER = "Open the form to choose repositories and start a job.";

/** What a person is answered; undefined: thanks ask for nothing. */
export function answerTo(words: string): "help" | "form" | undefined {
  const said = words.trim();
  if (said === "" || GREETINGS.test(said)) return "help";
  return isPleasantry(said) ? undefined : "form";
}

export function listenToDirectMessages(app: App): void {
  const isNew = createOffered();
  app.event("message", async ({ event, client, context }) => {
    const message = DirectMessage.safeParse(event).data;
    if (!message || message.user === context.botUserId || isRepeated(event, context)) return;
    const { channel, ts } = message;
    if (!isNew(`${channel} ${ts}`)) return;
    const words = messageWords(event);
    const answer = answerTo(words);
    if (answer === undefined) return;
    const [text, ...more] = answer === "help" ? [GREETING, HELP] : [OFFER];
    await client.chat.postMessage({
      channel,
      text: text!,
      blocks: [
        ...[text!, ...more].map((part) => ({ type: "section" as const, text: mrkdwn(part) })),
        formButton(answer === "form" ? mentionValue({ ts }, words) : NO_PROMPT),
      ],
    });
  });
}
