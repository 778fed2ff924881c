import { setTimeout as sleep } from "node:timers/promises";
import type { Events } from "./events.ts";
import type { Files } from "./files.ts";
import { findElement } from "./find-element.ts";
import type { InteractionResult, Interactions } from "./interactions.ts";
import { createMenus } from "./menus.ts";
import { modalOf } from "./modal-of.ts";
import type { Modals } from "./modals.ts";
import type { ElementSource } from "./payloads.ts";
import { type Block, type Channel, SLACKBOT, type SlackMessage, type SlackWorkspace, type User } from "./workspace.ts";

export type PersonDeps = {
  workspace: SlackWorkspace;
  modals: Modals;
  interactions: Interactions;
  events: Events;
  files: Files;
};
/** For what opens at once: on a machine that is busy with other things that may be a while. */
const WAIT_MS = 30_000;

/** Acts as one person in the workspace, only through what Slack's own screen offers. */
export function createPerson(user: User, deps: PersonDeps) {
  const { workspace, modals, interactions, events, files } = deps;
  const menus = createMenus(user.id, interactions);

  function channelOf(name: string | undefined): Channel {
    const channel = workspace.channel(name ?? workspace.channels()[0]!.id);
    if (!channel?.members.includes(user.id)) throw new Error(`${user.name} is not in ${name}.`);
    return channel;
  }

  function messageOf(ts: string): ElementSource & { kind: "message" } {
    for (const channel of workspace.channels()) {
      const ephemeral = workspace.ephemeralsIn(user.id, channel.id).find((message) => message.ts === ts);
      const message = ephemeral ?? (channel.members.includes(user.id) ? workspace.message(channel.id, ts) : undefined);
      if (message) return { kind: "message", channel, message, ephemeral: ephemeral !== undefined };
    }
    throw new Error(`${user.name} sees no message ${ts}.`);
  }

  /** Buttons take no value; menus take the value of one of their options. */
  async function use(source: ElementSource, actionId: string, value: string | undefined): Promise<InteractionResult> {
    const blocks = (source.kind === "message" ? (source.message.blocks ?? []) : source.view.blocks) as Block[];
    const { block, element } = findElement(blocks, actionId, value);
    if (element.type === "button") return interactions.act(user.id, source, block, element, {});
    const option = await menus.pick(source, block, element, value ?? "");
    return interactions.act(user.id, source, block, element, { selected_option: option });
  }

  const modal = modalOf(user, { ...deps, menus, use });

  return {
    id: user.id,
    handle: user.handle,
    name: user.name,
    /** What a client does with a file that is dropped on a field: its id goes into the form. */
    upload: (file: { name: string; bytes: Uint8Array }) => files.upload(user.id, file),
    /** Resolves when the app has acked or 3 s are over; a failure is also shown as an ephemeral by Slackbot. */
    command: (line: string, channel?: string): Promise<InteractionResult> =>
      interactions.command(user.id, channelOf(channel), line),
    /** Posts as this person, in a thread when `threadTs` is given, and `with` what else their client sends. */
    say: (
      text: string,
      where: {
        channel?: string;
        threadTs?: string;
        with?: Pick<SlackMessage, "blocks" | "attachments" | "files">;
      } = {},
    ): SlackMessage => {
      const channel = channelOf(where.channel);
      const thread = where.threadTs && { thread_ts: where.threadTs };
      return workspace.post(channel.id, { user: user.id, text, ...thread, ...where.with });
    },
    edit: (messageTs: string, text: string) => {
      const { channel, message } = messageOf(messageTs);
      const edited = { user: user.id, ts: workspace.newTs() };
      events.messageEdited(channel, workspace.update(channel.id, { ...message, text, edited }), message);
    },
    remove: (messageTs: string) => {
      const { channel, message } = messageOf(messageTs);
      workspace.remove(channel.id, message);
      events.messageDeleted(channel, message);
    },
    click: (messageTs: string, actionId: string, value?: string) => use(messageOf(messageTs), actionId, value),
    /** Slack's own stop button, which is there while the thread's agent session goes on. */
    stopSession: (messageTs: string) => {
      const { channel, message } = messageOf(messageTs);
      if (message.agent_session?.status !== "processing") throw new Error(`${messageTs} has no stop button.`);
      events.sessionStopped(channel, message, user.id);
    },
    shortcut: (messageTs: string, callbackId: string): Promise<InteractionResult> => {
      const { channel, message } = messageOf(messageTs);
      return interactions.messageShortcut(user.id, channel, message, callbackId);
    },
    /** The modal on top, waiting for one to open. */
    modal: async (timeoutMs = WAIT_MS) => {
      await until(() => modals.top(user.id) !== undefined, timeoutMs, `no modal opened for ${user.name}`);
      return modal;
    },
    hasModal: () => modals.top(user.id) !== undefined,
    /** Opens the app's home tab; what the app publishes for it shows in `home`. */
    openHome: () => events.homeOpened(user.id),
    home: () => workspace.home(user.id),
    clickHome: (actionId: string, value?: string) => {
      const view = workspace.home(user.id);
      if (!view) throw new Error(`The app has published no home for ${user.name}.`);
      return use({ kind: "home", view }, actionId, value);
    },
    ephemerals: () => workspace.ephemerals(user.id),
    /** What Slackbot told this person: commands that failed. */
    notices: () => workspace.ephemerals(user.id).flatMap(({ user: by, text }) => (by === SLACKBOT ? [text] : [])),
  };
}
export type Person = ReturnType<typeof createPerson>;

async function until(check: () => boolean, timeoutMs: number, complaint: string) {
  const end = Date.now() + timeoutMs;
  while (!check()) {
    if (Date.now() > end) throw new Error(`${complaint} within ${timeoutMs} ms.`);
    await sleep(10);
  }
}
