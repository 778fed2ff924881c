import { z } from "zod";
import { complaints } from "./blocks/complaints.ts";
import { OptionGroup, PlainOption } from "./blocks/text.ts";
import type { Courier } from "./delivery.ts";
import type { Element, Option } from "./form.ts";
import type { Manifest } from "./manifest.ts";
import { commonPayload, type ElementSource, sourcePayload } from "./payloads.ts";
import type { Block, SlackWorkspace } from "./workspace.ts";

/**
 * https://docs.slack.dev/reference/block-kit/block-elements: a menu asks the app from three characters on unless told.
 */
const DEFAULT_QUERY_LENGTH = 3;

const Suggestions = z.union([
  z.object({ options: z.array(PlainOption).max(100) }),
  z.object({ option_groups: z.array(OptionGroup).max(100) }),
]);

export type TypeAhead = (
  user: string,
  source: ElementSource,
  block: Block,
  element: Element,
  query: string,
) => Promise<Option[]>;

/** What an external menu offers for a query; nothing when the app is silent or answers with what Slack would refuse. */
export function createTypeAhead(deps: {
  manifest: Manifest;
  workspace: SlackWorkspace;
  courier: Courier;
  log: (line: string) => void;
}): TypeAhead {
  const { interactivity, socket_mode_enabled: bySocket } = deps.manifest.settings;
  const reachable = interactivity?.is_enabled && (bySocket || interactivity.message_menu_options_url !== undefined);

  return async (user, source, block, element, query) => {
    if (query.length < Number(element.min_query_length ?? DEFAULT_QUERY_LENGTH)) return [];
    if (!reachable) {
      deps.log("slack asked no app for options: the manifest names no message_menu_options_url");
      return [];
    }
    const payload = {
      ...commonPayload(deps.workspace, user),
      type: "block_suggestion",
      ...sourcePayload(source),
      action_id: element.action_id,
      block_id: block.block_id,
      value: query,
    };
    const delivery = await deps.courier.send({ kind: "interactive", payload });
    if (!delivery.acked) return [];
    const parsed = Suggestions.safeParse(delivery.body);
    if (parsed.success)
      return "options" in parsed.data
        ? parsed.data.options
        : parsed.data.option_groups.flatMap(({ options }) => options);
    const shape = "option_groups" in (delivery.body as object) ? Suggestions.options[1] : Suggestions.options[0];
    const error = shape.safeParse(delivery.body).error ?? parsed.error;
    deps.log(`slack refused the options for ${element.action_id}: ${complaints(error, delivery.body, "")[0]}`);
    return [];
  };
}
