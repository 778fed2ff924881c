import { EventEmitter } from "node:events";
import type { HomeView } from "./blocks/view.ts";
import type { EntryLog } from "./journal.ts";

export type MessageMetadata = { event_type: string; event_payload: Record<string, unknown> };
export type Block = { type: string; block_id?: string; [key: string]: unknown };

export type SlackMessage = {
  type: "message";
  ts: string;
  user: string;
  text: string;
  team: string;
  blocks?: Block[];
  attachments?: object[];
  files?: object[];
  metadata?: MessageMetadata;
  thread_ts?: string;
  bot_id?: string;
  app_id?: string;
  edited?: { user: string; ts: string };
  /** The agent session of the thread that hangs on it; Slack's clients show it, and no method reads it. */
  agent_session?: { status: string; title: string };
};

/** `handle`: who this is in code and in the page's address; the id is made of it. `name`: what people see. */
export type User = {
  id: string;
  handle: string;
  name: string;
  admin: boolean;
  guest: boolean;
  bot: boolean;
  /** What this person may do, in words. */
  role?: string;
};
export type Channel = {
  id: string;
  name: string;
  /** What it is for, in words. */
  purpose?: string;
  kind: "public" | "private" | "im";
  members: string[];
  archived?: boolean;
  /** The person of a direct message with the app. */
  user?: string;
};
export type PublishedHome = HomeView & { id: string; hash: string };

export type WorkspaceChange =
  | { kind: "posted" | "updated" | "deleted"; channel: string; message: SlackMessage }
  | { kind: "ephemeral"; channel: string; user: string; message: SlackMessage }
  | { kind: "forgotten"; user: string; ts: string }
  | { kind: "home"; user: string }
  | { kind: "modals"; user: string }
  | { kind: "channels" };

type Entry =
  | { key: string; kind: "message"; channel: string; ts: string; message: SlackMessage | null }
  | { key: string; kind: "channel"; channel: Channel }
  | { key: string; kind: "home"; user: string; home: PublishedHome };
export type WorkspaceJournal = EntryLog<Entry>;

export const TEAM = { id: "T0LOCAL", name: "Local workspace", domain: "local" };
export const APP = { id: "A0CODY", userId: "U0CODYBOT", botId: "B0CODY" };
export const SLACKBOT = "USLACKBOT";

const idFrom = (prefix: string, name: string) => `${prefix}0${name.toUpperCase().replace(/[^A-Z0-9]/g, "")}`;

/** Ids are made of the names: a workspace that was kept keeps its people and channels, whatever they are called now. */
export type PersonSetup<Name extends string = string> = {
  name: Name;
  called?: string;
  role?: string;
  admin?: boolean;
  guest?: boolean;
};
export type ChannelSetup = {
  name: string;
  called?: string;
  purpose?: string;
  private?: boolean;
  withoutApp?: boolean;
};
export type WorkspaceSetup = { appName: string; people: PersonSetup[]; channels: ChannelSetup[] };

/** Kept for one person; Slack forgets them at the next reload. */
const KEEP_EPHEMERALS = 200;

/** Who is here and what was said: the state of one Slack workspace with one app installed. */
export function createWorkspace(setup: WorkspaceSetup, journal: WorkspaceJournal, nowMs: () => number) {
  const changes = new EventEmitter<{ change: [WorkspaceChange] }>().setMaxListeners(0);
  const users = new Map<string, User>();
  const channels = new Map<string, Channel>();
  const messages = new Map<string, Map<string, SlackMessage>>();
  const ephemerals = new Map<string, { channel: string; message: SlackMessage }[]>();
  const homes = new Map<string, PublishedHome>();
  let lastTs = 0;

  for (const [id, name] of [
    [APP.userId, setup.appName],
    [SLACKBOT, "Slackbot"],
  ] as const)
    users.set(id, { id, handle: name, name, admin: false, guest: false, bot: true });
  for (const { name, called = name, role, admin = false, guest = false } of setup.people) {
    const id = idFrom("U", name);
    users.set(id, { id, handle: name, name: called, admin, guest, bot: false, ...(role && { role }) });
  }
  const people = [...users.values()].filter((user) => !user.bot);
  for (const channel of setup.channels)
    channels.set(idFrom("C", channel.name), {
      id: idFrom("C", channel.name),
      name: channel.called ?? channel.name,
      ...(channel.purpose && { purpose: channel.purpose }),
      kind: channel.private ? "private" : "public",
      members: [...people.map(({ id }) => id), ...(channel.withoutApp ? [] : [APP.userId])],
    });
  for (const entry of journal.entries) {
    if (entry.kind === "channel") channels.set(entry.channel.id, { ...entry.channel, ...called(entry.channel.id) });
    if (entry.kind === "home") homes.set(entry.user, entry.home);
    if (entry.kind === "message") lastTs = Math.max(lastTs, Math.round(Number(entry.ts) * 1e6));
    if (entry.kind === "message" && entry.message) shelf(entry.channel).set(entry.ts, entry.message);
  }

  /** A channel that was kept has the name of today. */
  function called(id: string): Pick<Channel, "name" | "purpose"> | undefined {
    const { name, purpose } = channels.get(id) ?? {};
    return name === undefined ? undefined : { name, ...(purpose && { purpose }) };
  }

  function shelf(channel: string) {
    const found = messages.get(channel) ?? new Map<string, SlackMessage>();
    messages.set(channel, found);
    return found;
  }

  /** A message's id is its time: seconds with six digits behind the point, never the same twice. */
  function newTs() {
    lastTs = Math.max(lastTs + 1, nowMs() * 1_000);
    return (lastTs / 1e6).toFixed(6);
  }

  function keep(channel: string, message: SlackMessage, kind: "posted" | "updated" | "deleted") {
    journal.append({
      key: `${channel}/${message.ts}`,
      kind: "message",
      channel,
      ts: message.ts,
      message: kind === "deleted" ? null : message,
    });
    if (kind === "deleted") shelf(channel).delete(message.ts);
    else shelf(channel).set(message.ts, message);
    changes.emit("change", { kind, channel, message });
    return message;
  }

  function keepChannel(channel: Channel) {
    journal.append({ key: channel.id, kind: "channel", channel });
    channels.set(channel.id, channel);
    changes.emit("change", { kind: "channels" });
    return channel;
  }

  return {
    people,
    newTs,
    user: (id: string) => users.get(id),
    channels: () => [...channels.values()],
    /** By id, `#name`, or the id of a person (the direct message with the app). */
    channel: (id: string): Channel | undefined =>
      channels.get(id) ?? [...channels.values()].find(({ kind, name }) => kind !== "im" && `#${name}` === id),
    join: (channel: Channel, user: string) =>
      channel.members.includes(user) ? channel : keepChannel({ ...channel, members: [...channel.members, user] }),
    archive: (channel: Channel) => keepChannel({ ...channel, archived: true }),
    openDirectMessage: (user: string): Channel => {
      const id = user.replace(/^U/, "D");
      return (
        channels.get(id) ?? keepChannel({ id, name: "directmessage", kind: "im", members: [user, APP.userId], user })
      );
    },
    messages: (channel: string): SlackMessage[] =>
      [...shelf(channel).values()].sort((a, b) => Number(a.ts) - Number(b.ts)),
    message: (channel: string, ts: string) => shelf(channel).get(ts),
    post: (channel: string, message: Omit<SlackMessage, "type" | "ts" | "team">) =>
      keep(channel, { type: "message", ts: newTs(), team: TEAM.id, ...message }, "posted"),
    update: (channel: string, message: SlackMessage) => keep(channel, message, "updated"),
    remove: (channel: string, message: SlackMessage) => keep(channel, message, "deleted"),
    /** Seen by one person until they reload; Slack keeps none of these. */
    whisper: (channel: string, user: string, message: Omit<SlackMessage, "type" | "ts" | "team"> & { ts?: string }) => {
      const whispered: SlackMessage = { type: "message", ts: newTs(), team: TEAM.id, ...message };
      const before = (ephemerals.get(user) ?? []).filter((item) => item.message.ts !== whispered.ts);
      ephemerals.set(user, [...before, { channel, message: whispered }].slice(-KEEP_EPHEMERALS));
      changes.emit("change", { kind: "ephemeral", channel, user, message: whispered });
      return whispered;
    },
    forget: (user: string, ts: string) => {
      ephemerals.set(
        user,
        (ephemerals.get(user) ?? []).filter((item) => item.message.ts !== ts),
      );
      changes.emit("change", { kind: "forgotten", user, ts });
    },
    ephemerals: (user: string): SlackMessage[] => (ephemerals.get(user) ?? []).map(({ message }) => message),
    ephemeralsIn: (user: string, channel: string): SlackMessage[] =>
      (ephemerals.get(user) ?? []).filter((item) => item.channel === channel).map(({ message }) => message),
    home: (user: string) => homes.get(user),
    publishHome: (user: string, home: PublishedHome) => {
      journal.append({ key: `home/${user}`, kind: "home", user, home });
      homes.set(user, home);
      changes.emit("change", { kind: "home", user });
    },
    modalsChanged: (user: string) => changes.emit("change", { kind: "modals", user }),
    /** Calls back on every change until the returned function is called. */
    onChange: (listener: (change: WorkspaceChange) => void) => {
      changes.on("change", listener);
      return () => changes.off("change", listener);
    },
    /** New and updated messages only. */
    onMessage: (listener: (message: SlackMessage, channel: string) => void) => {
      const only = (change: WorkspaceChange) => {
        if (change.kind === "posted" || change.kind === "updated") listener(change.message, change.channel);
      };
      changes.on("change", only);
      return () => changes.off("change", only);
    },
  };
}
export type SlackWorkspace = ReturnType<typeof createWorkspace>;
