import { APP, type Channel, type SlackMessage } from "../workspace.ts";
import { asRead } from "./chat.ts";
import { type ApiDeps, type Args, type Method, scopeFor } from "./method.ts";
import { WebApiRefusal } from "./refusal.ts";

const kindOf = (args: Args, { workspace }: ApiDeps) => workspace.channel(String(args.channel))?.kind ?? "public";
const scoped = (verb: "history" | "read") => (args: Args, deps: ApiDeps) => [scopeFor(verb, kindOf(args, deps))];

/** A private channel without the app in it does not exist for the app. @throws Refusal */
function visible(args: Args, { workspace }: ApiDeps): Channel {
  const channel = workspace.channels().find(({ id }) => id === args.channel);
  if (!channel || (channel.kind === "private" && !channel.members.includes(APP.userId)))
    throw new WebApiRefusal("channel_not_found");
  return channel;
}

function joined(args: Args, deps: ApiDeps): Channel {
  const channel = visible(args, deps);
  if (!channel.members.includes(APP.userId)) throw new WebApiRefusal("not_in_channel");
  return channel;
}

const describe = (channel: Channel) => ({
  id: channel.id,
  name: channel.name,
  is_channel: channel.kind !== "im",
  is_im: channel.kind === "im",
  is_private: channel.kind !== "public",
  is_archived: channel.archived ?? false,
  is_member: channel.members.includes(APP.userId),
  num_members: channel.members.length,
  ...(channel.user && { user: channel.user }),
});

const info: Method = {
  token: "bot",
  required: ["channel"],
  scopes: scoped("read"),
  run: (args, deps) => ({ channel: describe(visible(args, deps)) }),
};

const list: Method = {
  token: "bot",
  required: [],
  scopes: () => ["channels:read"],
  run: (_, { workspace }) => ({
    channels: workspace
      .channels()
      .filter(({ kind }) => kind === "public")
      .map(describe),
    response_metadata: { next_cursor: "" },
  }),
};

const members: Method = {
  token: "bot",
  required: ["channel"],
  scopes: scoped("read"),
  run: (args, deps) => ({ members: visible(args, deps).members, response_metadata: { next_cursor: "" } }),
};

const join: Method = {
  token: "bot",
  required: ["channel"],
  scopes: () => ["channels:join"],
  run: (args, deps) => {
    const channel = visible(args, deps);
    if (channel.kind !== "public") throw new WebApiRefusal("method_not_supported_for_channel_type");
    if (channel.archived) throw new WebApiRefusal("is_archived");
    return { channel: describe(deps.workspace.join(channel, APP.userId)) };
  },
};

const open: Method = {
  token: "bot",
  required: ["users"],
  scopes: () => ["im:write"],
  run: ({ users }, { workspace }) => {
    const person = workspace.people.find(({ id }) => id === users);
    if (!person) throw new WebApiRefusal("user_not_found");
    return { channel: { id: workspace.openDirectMessage(person.id).id } };
  },
};

const history: Method = {
  token: "bot",
  required: ["channel"],
  scopes: scoped("history"),
  run: (args, deps) => {
    const channel = joined(args, deps);
    const newestFirst = deps.workspace
      .messages(channel.id)
      .filter(({ ts, thread_ts }) => !thread_ts || thread_ts === ts)
      .reverse();
    return page(newestFirst, args, 100, (message) => withThread(message, channel, deps));
  },
};

const replies: Method = {
  token: "bot",
  required: ["channel", "ts"],
  scopes: scoped("history"),
  run: (args, deps) => {
    const channel = joined(args, deps);
    const root = deps.workspace.message(channel.id, String(args.ts));
    if (!root) throw new WebApiRefusal("thread_not_found");
    const thread = deps.workspace
      .messages(channel.id)
      .filter(({ ts, thread_ts }) => ts === root.ts || thread_ts === root.ts);
    return page(thread, args, 1_000, (message) => withThread(message, channel, deps));
  },
};

function withThread(message: SlackMessage, channel: Channel, { workspace }: ApiDeps) {
  const answers = workspace
    .messages(channel.id)
    .filter(({ thread_ts, ts }) => thread_ts === message.ts && ts !== message.ts);
  if (answers.length === 0) return message;
  return {
    ...message,
    thread_ts: message.ts,
    reply_count: answers.length,
    reply_users: [...new Set(answers.map(({ user }) => user))],
    latest_reply: answers.at(-1)!.ts,
  };
}

/** Cursor paging within `oldest` and `latest`; both ends are left out unless `inclusive`. */
function page(messages: SlackMessage[], args: Args, defaultLimit: number, show: (message: SlackMessage) => object) {
  const inclusive = args.inclusive === true || args.inclusive === "true" || args.inclusive === "1";
  const oldest = args.oldest === undefined ? -Infinity : Number(args.oldest);
  const latest = args.latest === undefined ? Infinity : Number(args.latest);
  const within = messages.filter(({ ts }) =>
    inclusive ? Number(ts) >= oldest && Number(ts) <= latest : Number(ts) > oldest && Number(ts) < latest,
  );
  const limit = Math.min(Number(args.limit ?? defaultLimit), 999);
  const start = args.cursor ? Number(Buffer.from(String(args.cursor), "base64url").toString()) : 0;
  if (!Number.isInteger(start)) throw new WebApiRefusal("invalid_cursor");
  const next = start + limit < within.length ? Buffer.from(String(start + limit)).toString("base64url") : "";
  const withMetadata = args.include_all_metadata === true || args.include_all_metadata === "true";
  return {
    messages: within.slice(start, start + limit).map((message) => show(asRead(message, withMetadata))),
    has_more: next !== "",
    response_metadata: { next_cursor: next },
  };
}

export const conversationMethods = {
  "conversations.info": info,
  "conversations.list": list,
  "conversations.members": members,
  "conversations.join": join,
  "conversations.open": open,
  "conversations.history": history,
  "conversations.replies": replies,
};
