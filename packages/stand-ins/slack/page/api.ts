import type { ServerResponse } from "node:http";
import { z } from "zod";
import type { Manifest } from "../manifest.ts";
import type { Modals } from "../modals.ts";
import type { Person } from "../person.ts";
import { APP, SLACKBOT, type SlackMessage, type SlackWorkspace, TEAM, type WorkspaceChange } from "../workspace.ts";

const Fillings = z.record(z.string(), z.union([z.string(), z.array(z.string()), z.null()]));
const By = { as: z.string() };
/** The modal that the person saw: what comes late does nothing to one that has opened since. */
const InModal = { ...By, view: z.string() };
const Part = { actionId: z.string(), value: z.string().optional() };
const Click = z.discriminatedUnion("where", [
  z.object({ name: z.literal("click"), where: z.literal("message"), ...By, ...Part, ts: z.string() }),
  z.object({ name: z.literal("click"), where: z.literal("home"), ...By, ...Part }),
  z.object({ name: z.literal("click"), where: z.literal("modal"), ...InModal, ...Part }),
]);

/** What the page may ask for in a person's name; each is what Slack's own screen lets a person do. */
const Act = z.discriminatedUnion("name", [
  z.object({ name: z.literal("say"), ...By, channel: z.string(), text: z.string(), threadTs: z.string().optional() }),
  z.object({ name: z.literal("command"), ...By, channel: z.string(), line: z.string() }),
  Click,
  z.object({ name: z.literal("suggest"), ...InModal, actionId: z.string(), query: z.string() }),
  z.object({ name: z.literal("fill"), ...InModal, fillings: Fillings }),
  z.object({ name: z.literal("upload"), ...By, file: z.object({ name: z.string().min(1), base64: z.base64() }) }),
  z.object({ name: z.literal("submit"), ...InModal }),
  z.object({ name: z.literal("close"), ...InModal }),
  z.object({ name: z.literal("open-home"), ...By }),
  z.object({ name: z.literal("stop-session"), ...By, ts: z.string() }),
  z.object({ name: z.literal("shortcut"), ...By, ts: z.string(), callbackId: z.string() }),
]);

export type PageApi = {
  read(name: string, query: URLSearchParams): unknown;
  act(name: string, body: unknown): Promise<unknown>;
  /** Server-sent events: every change that the person may see. */
  stream(query: URLSearchParams, response: ServerResponse): void;
};

/** The API of the page: the same people as in code, by name. */
export function createPageApi(deps: {
  workspace: SlackWorkspace;
  modals: Modals;
  manifest: Manifest;
  people: Record<string, Person>;
}): PageApi {
  const { workspace, modals, manifest, people } = deps;

  function personOf(name: string | null): Person {
    const person = people[name ?? ""];
    if (!person) throw new Error(`There is no person called ${name}.`);
    return person;
  }

  const seenBy = (person: Person) => workspace.channels().filter(({ members }) => members.includes(person.id));

  function modalOf(person: Person, view: string) {
    if (modals.top(person.id)?.id !== view) throw new Error("This form is closed.");
    return person.modal();
  }

  function overview(person: Person) {
    return {
      me: person.id,
      team: TEAM,
      app: {
        ...APP,
        name: manifest.features.bot_user.display_name,
        hasHome: manifest.features.app_home?.home_tab_enabled === true,
      },
      slackbot: SLACKBOT,
      people: workspace.people.map(({ id, handle, name, admin, role }) => ({ id, handle, name, admin, role })),
      channels: seenBy(person).map(({ id, name, purpose, kind }) => ({ id, name, purpose, kind })),
      commands: manifest.features.slash_commands.map(({ command, description, usage_hint }) => ({
        command,
        description,
        usage: usage_hint ?? "",
      })),
      shortcuts: manifest.features.shortcuts.filter(({ type }) => type === "message"),
    };
  }

  function messagesFor(person: Person, channel: string | null): (SlackMessage & { ephemeral?: boolean })[] | undefined {
    const found = seenBy(person).find(({ id }) => id === channel);
    if (!found) return undefined;
    const whispered = workspace.ephemeralsIn(person.id, found.id).map((message) => ({ ...message, ephemeral: true }));
    return [...workspace.messages(found.id), ...whispered].sort((a, b) => Number(a.ts) - Number(b.ts));
  }

  const mayKnow = (person: Person, change: WorkspaceChange) =>
    "user" in change
      ? change.user === person.id
      : "channel" in change
        ? seenBy(person).some(({ id }) => id === change.channel)
        : true;

  async function act(request: z.infer<typeof Act>): Promise<unknown> {
    const person = personOf(request.as);
    switch (request.name) {
      case "say":
        return person.say(request.text, {
          channel: request.channel,
          ...(request.threadTs && { threadTs: request.threadTs }),
        });
      case "command":
        return person.command(request.line, request.channel);
      case "click":
        if (request.where === "home") return person.clickHome(request.actionId, request.value);
        if (request.where === "message") return person.click(request.ts, request.actionId, request.value);
        return (await modalOf(person, request.view)).click(request.actionId, request.value);
      case "suggest":
        return (await modalOf(person, request.view)).suggest(request.actionId, request.query);
      case "fill":
        await (await modalOf(person, request.view)).fill(request.fillings);
        return { ok: true };
      case "upload":
        return person.upload({ name: request.file.name, bytes: Buffer.from(request.file.base64, "base64") });
      case "submit":
        return (await modalOf(person, request.view)).submit();
      case "close":
        // However often it is pressed, it is closed once.
        if (modals.top(person.id)?.id === request.view) await (await person.modal()).close();
        return { ok: true };
      case "open-home":
        person.openHome();
        return { ok: true };
      case "stop-session":
        person.stopSession(request.ts);
        return { ok: true };
      case "shortcut":
        return person.shortcut(request.ts, request.callbackId);
    }
  }

  return {
    read: (name, query) => {
      const person = personOf(query.get("as"));
      if (name === "overview") return overview(person);
      if (name === "messages") return messagesFor(person, query.get("channel"));
      if (name === "home") return person.home() ?? null;
      if (name === "modals") return modals.stack(person.id);
      return undefined;
    },
    act: async (name, body) => {
      try {
        return await act(Act.parse({ ...(body as object), name }));
      } catch (error) {
        return { ok: false, error: error instanceof Error ? error.message : String(error) };
      }
    },
    stream: (query, response) => {
      const person = personOf(query.get("as"));
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write("retry: 500\n\n: hello\n\n");
      const stop = workspace.onChange((change) => {
        if (mayKnow(person, change)) response.write(`data: ${JSON.stringify(change)}\n\n`);
      });
      response.on("close", stop);
    },
  };
}
