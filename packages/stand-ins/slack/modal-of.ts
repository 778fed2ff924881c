import type { Files } from "./files.ts";
import { findElement } from "./find-element.ts";
import { answerKey, type Element, type Option } from "./form.ts";
import type { InteractionResult, Interactions } from "./interactions.ts";
import type { Menus } from "./menus.ts";
import type { Modals, OpenView } from "./modals.ts";
import type { ElementSource } from "./payloads.ts";
import type { Submitted } from "./submission.ts";
import type { Block, User } from "./workspace.ts";

/** What a person types or picks in a field: text, an option's value, several values, or nothing. */
export type Filling = string | string[] | null;

type ModalDeps = {
  modals: Modals;
  interactions: Interactions;
  files: Files;
  menus: Menus;
  use(source: ElementSource, actionId: string, value: string | undefined): Promise<InteractionResult>;
};

/** The modal that a person has on top: filled in field by field, as their client does. */
export function modalOf(user: User, { modals, interactions, files, menus, use }: ModalDeps) {
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
      for (const value of filling) picked.push(await menus.pick(source, block, element, value));
      return picked;
    }
    return filling !== null && takesOptions ? menus.pick(source, block, element, filling) : filling;
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
      return menus.suggest({ kind: "modal", view }, block, element, query);
    },
    click: (actionId: string, value?: string) => use({ kind: "modal", view: topModal() }, actionId, value),
    submit: (): Promise<Submitted> => interactions.submit(user.id),
    close: () => interactions.close(user.id),
  };
  return modal;
}
