import type { App, BlockButtonAction, BlockOverflowAction, RespondFn, types, ViewOutput, webApi } from "@slack/bolt";
import { UserError } from "../packages/jobs/errors.ts";
import type { CardContent } from "../packages/views/card.ts";
import { withChannelNames } from "./channel-names.ts";
import type { Who } from "./deps.ts";

/** Values of a modal by block and action, as Slack sends them. */
export type Values = ViewOutput["state"]["values"];

/** What a listener tells one person alone. undefined: the card says it all. */
export type ListenResult = string | CardContent | undefined;

const SORRY = "Cody could not do that just now. Nothing was changed; try again in a minute.";
const NO_FORM = "Slack did not open the form in time; try again.";

/** What a person reads in a form or a modal when something went wrong: the sentence made for them, or a polite one. */
export const sentenceFor = (error: unknown): string => (error instanceof UserError ? error.message : SORRY);

/** The same in a message, where people and channels have names. */
export const messageFor = (error: unknown): string => (error instanceof UserError ? error.inMessage : SORRY);

function ephemeral(said: string | CardContent) {
  const { text, blocks = [] } = typeof said === "string" ? { text: said } : said;
  const answer = { response_type: "ephemeral" as const, replace_original: false, text };
  return blocks.length > 0 ? { ...answer, blocks } : answer;
}

/** For the one person who clicked; by its words alone where Slack does not take its blocks. */
export async function tell(respond: RespondFn, said: string | CardContent): Promise<void> {
  const answer = ephemeral(said);
  try {
    await respond(answer);
  } catch (error) {
    if (!("blocks" in answer)) throw error;
    await respond(ephemeral(answer.text));
  }
}

export const whoOf = (context: { teamId?: string; userId?: string; personName?: string }): Who => {
  const { teamId, userId, personName } = context;
  if (!teamId || !userId) throw new UserError("Cody works for people in one workspace only.");
  return { teamId, userId, ...(personName && { name: personName }) };
};

/**
 * The same for a decision: what it leaves for after the ack is done by `finish`, because on Lambda nothing lives
 * longer.
 */
export function decider(context: Parameters<typeof whoOf>[0]): { who: Who; finish(): Promise<void> } {
  const writes: (() => Promise<void>)[] = [];
  const who: Who = { ...whoOf(context), afterAck: (write) => writes.push(write) };
  return {
    who,
    finish: async () => {
      for (const write of writes.splice(0)) await write();
    },
  };
}

/** Shows what came of a click that has no message to answer, in a modal or on the home tab. */
export type AfterClick = (shown: {
  client: webApi.WebClient;
  view: { id: string; callback_id: string; private_metadata: string };
  triggerId: string;
  who: Who;
  said: string | undefined;
}) => Promise<void>;

/**
 * A button: decide and write, then ack, then say. A `UserError` is said; anything else is said politely and thrown to
 * the log. The ack comes after the write, so that a click whose write failed is not taken for done.
 */
export function onButton(
  app: App,
  actionId: string,
  decide: (click: { value: string | undefined; who: Who; isInView: boolean }) => Promise<ListenResult>,
  afterClick?: AfterClick,
): void {
  app.action<BlockButtonAction | BlockOverflowAction>(
    actionId,
    async ({ ack, action, body, client, context, respond }) => {
      const view = "view" in body ? body.view : undefined;
      const say = async (said: ListenResult) => {
        if (view)
          await afterClick?.({
            client,
            view,
            triggerId: body.trigger_id,
            who: whoOf(context),
            said: typeof said === "string" ? said : said?.text,
          });
        else if (said) await tell(respond, said);
      };
      const value = action.type === "overflow" ? action.selected_option.value : action.value;
      const { who, finish } = decider(context);
      try {
        const said = await decide({ value, who, isInView: view !== undefined });
        await ack();
        await finish();
        await say(said);
      } catch (error) {
        await ack();
        await finish();
        await say(view ? sentenceFor(error) : messageFor(error));
        if (!(error instanceof UserError)) throw error;
      }
    },
  );
}

/** A click in the home tab has no `respond`. `body`: of a click, which may be in a modal. */
export type Opener = {
  ack: () => Promise<void>;
  client: webApi.WebClient;
  respond?: RespondFn;
  body?: object;
};

/** Before any I/O of ours: a trigger lives for three seconds. */
export async function openModal(opener: Opener, triggerId: string, view: types.ModalView): Promise<void> {
  await openView(opener, triggerId, view);
}

const isInModal = (body: { view?: { type?: string } } = {}) => body.view?.type === "modal";

/**
 * The same; returns the view's id and hash, for what is shown in it later. Above a modal that is open, so that closing
 * leads back to it.
 */
export async function openView(
  { ack, client, respond, body }: Opener,
  triggerId: string,
  view: types.ModalView,
): Promise<{ id: string; hash: string | undefined }> {
  const asked = { trigger_id: triggerId, view };
  try {
    const opening = isInModal(body) ? client.views.push(asked) : client.views.open(asked);
    const [, opened] = await Promise.all([ack(), opening]);
    return { id: opened.view!.id!, hash: opened.view!.hash };
  } catch (error) {
    await respond?.(ephemeral(NO_FORM));
    throw error;
  }
}

/** Reads and shows, in a view that opened before: what went wrong is said there, where the person looks. */
export async function showRead(
  { views }: Pick<webApi.WebClient, "views">,
  view_id: string,
  read: () => Promise<types.ModalView>,
  saying: (sentence: string) => types.ModalView,
): Promise<void> {
  try {
    await views.update({ view_id, view: await read() });
  } catch (error) {
    await views.update({ view_id, view: saying(sentenceFor(error)) });
    if (!(error instanceof UserError)) throw error;
  }
}

/** Errors beside their fields, by block id. Empty: done, the modal closes. */
export type FieldErrors = Record<string, string>;

/** A submitted modal. `fieldIn`: where a sentence about the whole goes. `afterwards`: once the modal has closed. */
export function onSubmit(
  app: App,
  callbackId: string,
  fieldIn: (values: Values) => string,
  submit: (view: ViewOutput, who: Who) => Promise<FieldErrors>,
  afterwards?: (client: webApi.WebClient, who: Who, view: ViewOutput) => Promise<void>,
): void {
  app.view(callbackId, async ({ ack, client, view, context }) => {
    const { who, finish } = decider(context);
    let isDone = false;
    try {
      const errors = await submit(view, who);
      isDone = Object.keys(errors).length === 0;
      if (isDone) await ack();
      else await ack({ response_action: "errors", errors });
    } catch (error) {
      const sentence = await withChannelNames(client, sentenceFor(error));
      await ack({ response_action: "errors", errors: { [fieldIn(view.state.values)]: sentence } });
      if (!(error instanceof UserError)) throw error;
    } finally {
      await finish();
    }
    if (isDone) await afterwards?.(client, who, view);
  });
}
