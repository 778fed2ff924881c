import { withIds } from "../blocks/identity.ts";
import { checkMessageBlocks } from "../blocks/message.ts";
import { newId } from "../modals.ts";
import { APP, type Block, type Channel, type MessageMetadata, type SlackMessage } from "../workspace.ts";
import type { ApiDeps, Args, Method } from "./method.ts";
import { WebApiRefusal } from "./refusal.ts";

const MAX_POST_CHARS = 40_000;
const MAX_UPDATE_CHARS = 4_000;
const MAX_METADATA_BYTES = 16_000;

const postMessage: Method = {
  token: "bot",
  required: ["channel"],
  scopes: () => ["chat:write"],
  run: (args, deps) => {
    const channel = channelToPostIn(args, deps);
    const content = contentOf(args, MAX_POST_CHARS);
    if (!content.text && !content.blocks) throw new WebApiRefusal("no_text");
    const thread = threadOf(args, channel, deps);
    const message = deps.workspace.post(channel.id, {
      user: APP.userId,
      bot_id: APP.botId,
      app_id: APP.id,
      text: content.text ?? "",
      ...(content.blocks && { blocks: content.blocks }),
      ...(content.metadata && { metadata: content.metadata }),
      ...(thread && { thread_ts: thread }),
    });
    return { channel: channel.id, ts: message.ts, message };
  },
};

const update: Method = {
  token: "bot",
  required: ["channel", "ts"],
  scopes: () => ["chat:write"],
  run: (args, deps) => {
    const channel = deps.workspace.channel(String(args.channel));
    const before = channel && deps.workspace.message(channel.id, String(args.ts));
    if (!channel) throw new WebApiRefusal("channel_not_found");
    if (!before) throw new WebApiRefusal("message_not_found");
    if (before.bot_id !== APP.botId) throw new WebApiRefusal("cant_update_message");
    if (channel.archived) throw new WebApiRefusal("is_inactive");
    const content = contentOf(args, MAX_UPDATE_CHARS);
    if (content.text === undefined && !content.blocks) throw new WebApiRefusal("no_text");
    const { blocks: oldBlocks, edited: _, ...rest } = before;
    // Blocks stay only when neither text nor blocks replace them; metadata stays unless given.
    const blocks = content.blocks ?? (content.text === undefined ? oldBlocks : undefined);
    const message = deps.workspace.update(channel.id, {
      ...rest,
      text: content.text ?? before.text,
      ...(blocks && { blocks }),
      ...(content.metadata && { metadata: content.metadata }),
      ...(!blocks && { edited: { user: APP.userId, ts: deps.workspace.newTs() } }),
    });
    return { channel: channel.id, ts: message.ts, text: message.text, message };
  },
};

const postEphemeral: Method = {
  token: "bot",
  required: ["channel", "user"],
  scopes: () => ["chat:write"],
  run: (args, deps) => {
    const channel = channelToPostIn(args, deps);
    if (!channel.members.includes(String(args.user))) throw new WebApiRefusal("user_not_in_channel");
    const content = contentOf(args, MAX_POST_CHARS);
    if (!content.text && !content.blocks) throw new WebApiRefusal("no_text");
    const thread = threadOf(args, channel, deps);
    const message = deps.workspace.whisper(channel.id, String(args.user), {
      user: APP.userId,
      bot_id: APP.botId,
      app_id: APP.id,
      text: content.text ?? "",
      ...(content.blocks && { blocks: content.blocks }),
      ...(thread && { thread_ts: thread }),
    });
    return { message_ts: message.ts };
  },
};

const remove: Method = {
  token: "bot",
  required: ["channel", "ts"],
  scopes: () => ["chat:write"],
  run: (args, { workspace }) => {
    const channel = workspace.channel(String(args.channel));
    if (!channel) throw new WebApiRefusal("channel_not_found");
    const message = workspace.message(channel.id, String(args.ts));
    if (!message) throw new WebApiRefusal("message_not_found");
    if (message.bot_id !== APP.botId) throw new WebApiRefusal("cant_delete_message");
    workspace.remove(channel.id, message);
    return { channel: channel.id, ts: message.ts };
  },
};

const getPermalink: Method = {
  token: "bot",
  required: ["channel", "message_ts"],
  run: (args, { workspace, permalink }) => {
    const channel = workspace.channel(String(args.channel));
    if (!channel) throw new WebApiRefusal("channel_not_found");
    if (!workspace.message(channel.id, String(args.message_ts))) throw new WebApiRefusal("message_not_found");
    return { channel: channel.id, permalink: permalink(channel.id, String(args.message_ts)) };
  },
};

export const chatMethods = {
  "chat.postMessage": postMessage,
  "chat.update": update,
  "chat.postEphemeral": postEphemeral,
  "chat.delete": remove,
  "chat.getPermalink": getPermalink,
};

/** A channel by id or `#name`, or a person's id for the direct message with them. @throws Refusal */
function channelToPostIn(args: Args, { workspace, manifest }: ApiDeps): Channel {
  const id = String(args.channel);
  const person = workspace.people.find((user) => user.id === id);
  const channel = person ? workspace.openDirectMessage(person.id) : workspace.channel(id);
  if (!channel) throw new WebApiRefusal("channel_not_found");
  if (channel.archived) throw new WebApiRefusal("is_archived");
  if (channel.members.includes(APP.userId)) return channel;
  const mayPostAnywhere = manifest.oauth_config.scopes.bot.includes("chat:write.public");
  if (channel.kind === "private") throw new WebApiRefusal("channel_not_found");
  if (!mayPostAnywhere) throw new WebApiRefusal("not_in_channel");
  return channel;
}

function threadOf(args: Args, channel: Channel, { workspace }: ApiDeps): string | undefined {
  if (args.thread_ts === undefined) return undefined;
  const parent = workspace.message(channel.id, String(args.thread_ts));
  if (!parent) throw new WebApiRefusal("thread_not_found");
  return parent.thread_ts ?? parent.ts;
}

export type Content = { text?: string; blocks?: Block[]; metadata?: MessageMetadata };

/** Text, blocks and metadata of a message, checked as Slack does. @throws Refusal */
export function contentOf(args: Args, maxChars: number): Content {
  const text = args.text === undefined || args.text === null ? undefined : String(args.text);
  if (text !== undefined && text.length > maxChars) throw new WebApiRefusal("msg_too_long");
  const blocks = args.blocks as Block[] | undefined;
  if (blocks !== undefined) {
    const verdict = checkMessageBlocks(blocks);
    if (!verdict.ok) throw new WebApiRefusal(verdict.error, verdict.messages, { errors: verdict.messages });
  }
  const metadata = metadataOf(args.metadata);
  return {
    ...(text !== undefined && { text }),
    ...(blocks && blocks.length > 0 && { blocks: withIds(blocks, () => newId()) }),
    ...(metadata && { metadata }),
  };
}

function metadataOf(value: unknown): MessageMetadata | undefined {
  if (value === undefined) return undefined;
  const { event_type: type, event_payload: payload } = (value ?? {}) as Partial<MessageMetadata>;
  if (typeof type !== "string" || type === "" || payload === null || typeof payload !== "object")
    throw new WebApiRefusal("invalid_metadata_format", [
      "needs `event_type` and `event_payload` [json-pointer:/metadata]",
    ]);
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_METADATA_BYTES) throw new WebApiRefusal("metadata_too_large");
  return value as MessageMetadata;
}

/** A message as readers get it: metadata only for those who ask for it. */
export function asRead({ agent_session: _, ...message }: SlackMessage, withMetadata: boolean): SlackMessage {
  if (withMetadata) return message;
  const { metadata: __, ...rest } = message;
  return rest;
}
