import type { App, BlockButtonAction, BlockStaticSelectAction, webApi } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import { loadingModal, sentenceModal, titleOfPlace } from "../../packages/views/history/blocks.ts";
import { pageStart } from "../../packages/views/history/conversation-view.ts";
import { PLACES, type Place, parsePlaceValue, parseTrail, type Trail } from "../../packages/views/history/places.ts";
import { STALE } from "../access.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { openView, showRead, whoOf } from "../listen.ts";
import { viewOf } from "./details-data.ts";

type Click = BlockButtonAction | BlockStaticSelectAction;

const show = (
  deps: SlackDeps,
  client: webApi.WebClient,
  viewId: string,
  who: Who,
  trail: Trail,
  notice?: string,
): Promise<void> =>
  showRead(
    client,
    viewId,
    () => viewOf(deps, who, trail, notice),
    (sentence) => sentenceModal(titleOfPlace(trail.at(-1)!), sentence, trail),
  );

/** After a press in the modal: the same place, as it is now. */
export async function showDetails(
  deps: SlackDeps,
  client: webApi.WebClient,
  { id, private_metadata }: { id: string; private_metadata: string },
  who: Who,
  notice: string | undefined,
): Promise<void> {
  const trail = parseTrail(private_metadata);
  if (trail) await show(deps, client, id, who, trail, notice);
}

/** A choice in a menu changes one thing about the page that is shown; a button names the whole page. */
function otherPage(action: Click["actions"][number], place: Place): Place | undefined {
  if (action.type === "button") return parsePlaceValue(action.value);
  if (place.kind !== "conversation") return undefined;
  const chosen = Number(action.selected_option.value);
  if (!Number.isSafeInteger(chosen) || chosen < 1) return undefined;
  return action.action_id === `${PLACES.turn}-round`
    ? { ...place, round: chosen, turn: 1 }
    : { ...place, turn: pageStart(chosen, place.style) };
}

/**
 * One modal in which a person walks through jobs, repositories and conversations: going somewhere adds a step to its
 * trail, paging replaces the last one, Back takes it off. Slack's own stack of modals ends after three.
 */
export function listenToDetails(app: App, deps: SlackDeps): void {
  app.action<BlockButtonAction>(new RegExp(`^${PLACES.look}-`), async (args) => {
    const { ack, action, body, client, context } = args;
    const place = parsePlaceValue(action.value);
    if (!place) {
      await ack();
      throw new UserError(STALE);
    }
    const who = whoOf(context);
    const inModal = body.view?.type === "modal" ? body.view : undefined;
    if (!inModal) {
      const opened = await openView(args, body.trigger_id, loadingModal(titleOfPlace(place), [place]));
      return show(deps, client, opened.id, who, [place]);
    }
    await ack();
    await show(deps, client, inModal.id, who, [...(parseTrail(inModal.private_metadata) ?? []), place]);
  });

  const inTrail = (id: string | RegExp, next: (trail: Trail, action: Click["actions"][number]) => Place[]) =>
    app.action<Click>(id, async ({ ack, action, body, client, context }) => {
      await ack();
      const trail = parseTrail(body.view?.private_metadata);
      const places = trail ? next(trail, action) : [];
      const last = places.at(-1);
      if (last && body.view) await show(deps, client, body.view.id, whoOf(context), [...places.slice(0, -1), last]);
    });
  inTrail(PLACES.back, (trail) => (trail.length > 1 ? trail.slice(0, -1) : trail));
  inTrail(new RegExp(`^${PLACES.turn}-`), (trail, action) => {
    const place = otherPage(action, trail.at(-1)!);
    return place ? [...trail.slice(0, -1), place] : trail;
  });
}
