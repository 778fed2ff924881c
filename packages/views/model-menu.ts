import type { types } from "@slack/bolt";
import { optionOf } from "./inputs.ts";
import { LIMITS, plain } from "./text.ts";

/** A model that people may choose. `price`: what it costs, in words of theirs. */
export type OfferedModel = { id: string; label: string; group: string; price?: string };

/** By their groups, in the order of the list. Nothing is chosen where `chosen` is none of them. */
export function modelMenu(
  action_id: string,
  models: readonly OfferedModel[],
  chosen: string | undefined,
): types.StaticSelect {
  const options = models.slice(0, LIMITS.options).map(({ id, label, group, price }) => ({
    group,
    option: optionOf(id, label, price),
  }));
  const initial = options.find(({ option }) => option.value === chosen)?.option;
  return {
    type: "static_select",
    action_id,
    option_groups: [...Map.groupBy(options, ({ group }) => group)].map(([group, ofGroup]) => ({
      label: plain(group, LIMITS.optionText),
      options: ofGroup.map(({ option }) => option),
    })),
    ...(initial && { initial_option: initial }),
  };
}
