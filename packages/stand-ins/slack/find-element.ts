import { elementsOf } from "./blocks/identity.ts";
import type { Element, Option } from "./form.ts";
import type { Block } from "./workspace.ts";

/** By action id or block id; `value` tells buttons of the same action apart. */
export function findElement(blocks: Block[], name: string, value?: string): { block: Block; element: Element } {
  const found = blocks.flatMap((block) =>
    elementsOf(block)
      .filter((element) => element.action_id === name || (block.block_id === name && block.type === "input"))
      .map((element) => ({ block, element })),
  );
  const offers = (element: Element) =>
    element.type === "button" ? element.value === value : optionsOf(element).some((option) => option.value === value);
  const exact = found.find(({ element }) => value === undefined || offers(element)) ?? found.find(isExternal);
  if (!exact) throw new Error(`There is no ${name}${value === undefined ? "" : ` with the value ${value}`} here.`);
  return exact;
}

const isExternal = ({ element }: { element: Element }) => element.type.endsWith("external_select");

export const optionsOf = (element: Element): Option[] => [
  ...((element.options as Option[] | undefined) ?? []),
  ...((element.option_groups as { options: Option[] }[] | undefined) ?? []).flatMap(({ options }) => options),
];
