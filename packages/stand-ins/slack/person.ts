import { setTimeout as sleep } from "node:timers/promises";
import type { Events } from "./events.ts";
import type { Files } from "./files.ts";
import { findElement, optionsOf } from "./find-element.ts";
import { answerKey, type Element, type Option } from "./form.ts";
import type { InteractionResult, Interactions } from "./interactions.ts";
import type { Modals, OpenView } from "./modals.ts";
import type { ElementSource } from "./payloads.ts";
import type { Submitted } from "./submission.ts";
import { type Block, type Channel, SLACKBOT, type SlackMessage, type SlackWorkspace, type User } from "./workspace.ts";

export type PersonDeps = {
  workspace: SlackWorkspace;
  modals: Modals;
  interactions: Interactions;
  events: Events;
  files: Files;
};
/** What a person types or picks in a field: text, an option's value, several values, or nothing. */
export type Filling = string | string[] | null;

/** For what opens at once: on a machine that is busy with other things that may be a while. */
const WAIT_MS = 30_000;

/** Acts as one person in the workspace, only through what Slack's own screen offers. */
export function createPerson(user: User, deps: PersonDeps) {
  const { workspace, modals, interactions, events, files } = deps;
  const offers = new Map<string, Option[]>();

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
    const option = await pick(source, block, element, value ?? "");
    return interactions.act(user.id, source, block, element, { selected_option: option });
  }

  async function suggest(source: ElementSource, block: Block, element: Element, query: string): Promise<Option[]> {
    const options = await interactions.suggest(user.id, source, block, element, query);
    offers.set(`${block.block_id}/${element.action_id}`, options);
    return options;
  }

  /** What was offered last may be picked without typing again; else the value is typed in. */
  async function pick(source: ElementSource, block: Block, element: Element, value: string): Promise<Option> {
    const last = offers.get(`${block.block_id}/${element.action_id}`)?.find((each) => each.value === value);
    if (last) return last;
    const offered = element.type.endsWith("external_select")
      ? await suggest(source, block, element, value)
      : optionsOf(element);
    const option = offered.find((each) => each.value === value);
    if (!option)
      throw new Error(`${element.action_id} does not offer ${value}; it offers ${offered.map((o) => o.value)}.`);
    return option;
  }

  const topModal = () => {
    const view = modals.top(user.id);
    if (!view) throw new Error(`${user.name} has no open modal.`);
    return view;
  };

  async function fillOne(name: string, filling: Filling) {
    const view = topModal();
    const { block, element } = findElement(view.blocks, name);
    const source: ElementSource = { kind: "modal", view };
    const key = answerKey(element.type);
    const answer = await answerFor(source, block, element, filling);
    const values = {
      ...view.state.values,
      [block.block_id!]: {
        ...view.state.values[block.block_id!],
        [element.action_id!]: { type: element.type, [key]: answer },
      },
    };
    modals.setValues(user.id, view.id, values);
    if (block.type !== "input" || block.dispatch_action)
      await interactions.act(user.id, { kind: "modal", view: topModal() }, block, element, { [key]: answer });
  }

  async function answerFor(source: ElementSource, block: Block, element: Element, filling: Filling): Promise<unknown> {
    if (element.type === "file_input") return filesFor(element, [filling ?? []].flat());
    const takesOptions = answerKey(element.type).startsWith("selected_option");
    if (Array.isArray(filling)) {
      const most = Number(element.max_selected_items ?? Infinity);
      if (filling.length > most) throw new Error(`${element.action_id} takes at most ${most} items.`);
      if (!takesOptions) return filling;
      const picked: Option[] = [];
      for (const value of filling) picked.push(await pick(source, block, element, value));
      return picked;
    }
    return filling !== null && takesOptions ? pick(source, block, element, filling) : filling;
  }

  /** By the ids of what was uploaded. */
  function filesFor(element: Element, ids: readonly string[]) {
    const most = Number(element.max_files ?? 10);
    if (ids.length > most) throw new Error(`${element.action_id} takes at most ${most} files.`);
    return ids.map((id) => {
      const file = files.file(id);
      if (!file) throw new Error(`There is no file ${id}.`);
      return file;
    });
  }

  const modal = {
    get view(): OpenView {
      return topModal();
    },
    /** By block id or action id; external menus are typed into and picked from what the app offers. */
    fill: async (fillings: Record<string, Filling>) => {
      for (const [name, filling] of Object.entries(fillings)) await fillOne(name, filling);
      return modal;
    },
    suggest: (actionId: string, query: string): Promise<Option[]> => {
      const view = topModal();
      const { block, element } = findElement(view.blocks, actionId);
      return suggest({ kind: "modal", view }, block, element, query);
    },
    click: (actionId: string, value?: string) => use({ kind: "modal", view: topModal() }, actionId, value),
    submit: (): Promise<Submitted> => interactions.submit(user.id),
    close: () => interactions.close(user.id),
  };

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
