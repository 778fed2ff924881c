import { optionsOf } from "./find-element.ts";
import type { Element, Option } from "./form.ts";
import type { Interactions } from "./interactions.ts";
import type { ElementSource } from "./payloads.ts";
import type { Block } from "./workspace.ts";

/** The menus that one person opens: what each offers, some only once they type. */
export function createMenus(userId: string, interactions: Interactions) {
  const offers = new Map<string, Option[]>();

  async function suggest(source: ElementSource, block: Block, element: Element, query: string): Promise<Option[]> {
    const options = await interactions.suggest(userId, source, block, element, query);
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

  return { suggest, pick };
}
export type Menus = ReturnType<typeof createMenus>;
