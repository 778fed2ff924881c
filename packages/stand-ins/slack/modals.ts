import { randomBytes } from "node:crypto";
import { withIds } from "./blocks/identity.ts";
import { checkModal, type ModalView } from "./blocks/view.ts";
import { type FormValues, initialValues } from "./form.ts";
import { WebApiRefusal } from "./web-api/refusal.ts";
import { APP, type Block, TEAM } from "./workspace.ts";

/** A modal as payloads carry it. */
export type OpenView = Omit<ModalView, "blocks"> & {
  id: string;
  team_id: string;
  app_id: string;
  bot_id: string;
  blocks: Block[];
  state: { values: FormValues };
  hash: string;
  root_view_id: string;
  previous_view_id: string | null;
  private_metadata: string;
  callback_id: string;
};

/** https://docs.slack.dev/surfaces/modals: at most three views on top of each other. */
const MAX_STACK = 3;

export const newId = (bytes = 4) => randomBytes(bytes).toString("base64url").replace(/[-_]/g, "x");
export const newHash = (nowMs: number) => `${Math.floor(nowMs / 1_000)}.${newId(6)}`;

/** The stack of modals that each person has open. */
export function createModals(deps: { nowMs: () => number; changed: (user: string) => void }) {
  const stacks = new Map<string, OpenView[]>();
  const stackOf = (user: string) => stacks.get(user) ?? [];
  const setStack = (user: string, stack: OpenView[]) => {
    stacks.set(user, stack);
    deps.changed(user);
  };

  function accept(value: unknown): ModalView {
    const verdict = checkModal(value);
    if (!verdict.ok) throw new WebApiRefusal(verdict.error, verdict.messages);
    return verdict.view;
  }

  function build(
    value: unknown,
    place: { id: string; root: string; previous: string | null },
    before: FormValues = {},
  ): OpenView {
    const view = accept(value);
    const blocks = withIds(view.blocks as Block[], () => newId());
    return {
      ...view,
      id: place.id,
      team_id: TEAM.id,
      app_id: APP.id,
      bot_id: APP.botId,
      blocks,
      state: { values: initialValues(blocks, before) },
      hash: newHash(deps.nowMs()),
      root_view_id: place.root,
      previous_view_id: place.previous,
      private_metadata: view.private_metadata ?? "",
      callback_id: view.callback_id ?? "",
    };
  }

  function find(match: (view: OpenView) => boolean): { user: string; view: OpenView } | undefined {
    for (const [user, stack] of stacks) {
      const view = stack.find(match);
      if (view) return { user, view };
    }
    return undefined;
  }

  function refuseTwin(value: unknown) {
    const externalId = (value as { external_id?: string } | undefined)?.external_id;
    if (externalId && find((view) => view.external_id === externalId)) throw new WebApiRefusal("duplicate_external_id");
  }

  return {
    top: (user: string) => stackOf(user).at(-1),
    stack: stackOf,
    open: (user: string, value: unknown) => {
      refuseTwin(value);
      const id = `V${newId(6).toUpperCase()}`;
      const view = build(value, { id, root: id, previous: null });
      setStack(user, [view]);
      return view;
    },
    push: (user: string, value: unknown) => {
      refuseTwin(value);
      const stack = stackOf(user);
      const below = stack.at(-1);
      if (!below) throw new WebApiRefusal("not_found");
      if (stack.length >= MAX_STACK) throw new WebApiRefusal("push_limit_reached");
      const place = { id: `V${newId(6).toUpperCase()}`, root: below.root_view_id, previous: below.id };
      const view = build(value, place);
      setStack(user, [...stack, view]);
      return view;
    },
    update: (target: { view_id?: unknown; external_id?: unknown; hash?: unknown }, value: unknown) => {
      const found = find(({ id, external_id }) =>
        target.view_id ? id === target.view_id : external_id !== undefined && external_id === target.external_id,
      );
      if (!found) throw new WebApiRefusal("not_found");
      if (target.hash && target.hash !== found.view.hash) throw new WebApiRefusal("hash_conflict");
      const { id, root_view_id: root, previous_view_id: previous, state } = found.view;
      const view = build(value, { id, root, previous }, state.values);
      setStack(
        found.user,
        stackOf(found.user).map((other) => (other.id === id ? view : other)),
      );
      return view;
    },
    setValues: (user: string, viewId: string, values: FormValues) =>
      setStack(
        user,
        stackOf(user).map((view) => (view.id === viewId ? { ...view, state: { values } } : view)),
      ),
    /** The top view goes; what lay under it shows again. */
    close: (user: string) => setStack(user, stackOf(user).slice(0, -1)),
    clear: (user: string) => setStack(user, []),
  };
}
export type Modals = ReturnType<typeof createModals>;
