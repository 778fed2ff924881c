import { randomBytes } from "node:crypto";
import type { Received } from "./web-api/api.ts";
import { contentOf } from "./web-api/chat.ts";
import { WebApiRefusal } from "./web-api/refusal.ts";
import { APP, type SlackMessage, type SlackWorkspace } from "./workspace.ts";

/** https://docs.slack.dev/interactivity/handling-user-interaction: up to 5 answers within 30 minutes. */
const MAX_USES = 5;
const LIFE_MS = 30 * 60_000;
const MAX_CHARS = 40_000;
const MAX_ISSUED = 500;

/** Where an answer by `response_url` goes. `source` is the message that was clicked. */
export type AnswerPlace = { user: string; channel: string; source?: { message: SlackMessage; ephemeral: boolean } };
type Answer = {
  text?: string;
  blocks?: unknown;
  response_type?: string;
  replace_original?: boolean;
  delete_original?: boolean;
  thread_ts?: string;
};

export function createResponseUrls(deps: {
  url: () => string;
  workspace: SlackWorkspace;
  nowMs: () => number;
  received: Received;
}) {
  const issued = new Map<string, AnswerPlace & { at: number; uses: number }>();

  /** Shows an answer as Slack does, from a `response_url` or from the ack of a slash command. @throws Refusal */
  function show(place: AnswerPlace, answer: Answer) {
    const { workspace } = deps;
    const source = place.source;
    if (answer.delete_original && source) {
      if (source.ephemeral) workspace.forget(place.user, source.message.ts);
      else workspace.remove(place.channel, source.message);
      return;
    }
    if (answer.blocks !== undefined) deps.received({ by: "response", blocks: answer.blocks });
    const content = contentOf(answer, MAX_CHARS);
    if (!content.text && !content.blocks) throw new WebApiRefusal("no_text");
    const message = {
      user: APP.userId,
      bot_id: APP.botId,
      app_id: APP.id,
      text: content.text ?? "",
      ...(content.blocks && { blocks: content.blocks }),
      ...(answer.thread_ts && { thread_ts: answer.thread_ts }),
    };
    if (answer.replace_original && source) {
      const { blocks: _, ...rest } = source.message;
      if (source.ephemeral) workspace.whisper(place.channel, place.user, { ...message, ts: source.message.ts });
      else workspace.update(place.channel, { ...rest, ...message });
    } else if (answer.response_type === "in_channel") workspace.post(place.channel, message);
    else workspace.whisper(place.channel, place.user, message);
  }

  return {
    issue: (place: AnswerPlace) => {
      // In the order in which they were issued; each holds the message that was clicked.
      for (const [old, { at }] of issued)
        if (deps.nowMs() - at > LIFE_MS || issued.size > MAX_ISSUED) issued.delete(old);
      const id = randomBytes(12).toString("hex");
      issued.set(id, { ...place, at: deps.nowMs(), uses: 0 });
      return `${deps.url()}/response/${id}`;
    },
    show,
    /** A POST to a `response_url`; the answer's HTTP status and body. */
    answer: (id: string, body: string): { status: number; body: string } => {
      const place = issued.get(id);
      if (!place) return { status: 404, body: "no_service" };
      if (place.uses >= MAX_USES || deps.nowMs() - place.at > LIFE_MS) return { status: 404, body: "used_url" };
      place.uses += 1;
      try {
        show(place, JSON.parse(body));
        return { status: 200, body: "ok" };
      } catch (error) {
        return { status: 400, body: error instanceof WebApiRefusal ? error.code : "invalid_payload" };
      }
    },
  };
}
export type ResponseUrls = ReturnType<typeof createResponseUrls>;
