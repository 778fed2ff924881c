import type { types } from "@slack/bolt";
import type { ActionOf } from "../../conversation/calls.ts";
import type { Exchange } from "../../conversation/exchanges.ts";
import { ROUNDS, type Round } from "../../jobs/round.ts";
import { ACTIONS, targetValue } from "../actions.ts";
import { button } from "../button.ts";
import { optionOf, selectOf } from "../inputs.ts";
import { bytesOfView, firstThatFits } from "../size.ts";
import { escaped, LIMITS } from "../text.ts";
import { actions, context, DIVIDER, header, lookModal } from "./blocks.ts";
import { type ConversationPlace, type ConversationStyle, lookValue, PLACES, type Trail } from "./places.ts";
import { SIMPLE_ROOMS, simpleTurn } from "./simple-turn.ts";
import { TECHNICAL_ROOMS, technicalTurn } from "./technical-turn.ts";

/** Turns on a page. */
export const CONVERSATION_PAGE: Record<ConversationStyle, number> = { simple: 15, technical: 5 };
/** Bytes of the turns of a page; the rest of a modal's 250 KB is for the buttons around them. */
const MAX_TURNS_BYTES = 200_000;

export type ConversationPage = {
  place: ConversationPlace;
  /** Rounds of this repository that have a conversation of their own, oldest first. */
  rounds: Round[];
  /** Turns of the whole round. */
  total: number;
  /** Those of the page, and the one behind it if there is one: it holds the last answers of tools. */
  turns: Exchange[];
  scripted: boolean;
};

/** A page begins at 1, 1 + size, ...: the same turn lies on the same page however one gets there. */
export const pageStart = (turn: number, style: ConversationStyle) => turn - ((turn - 1) % CONVERSATION_PAGE[style]);

/** A menu holds 100 options: of more pages every second, third, ... can be gone to directly. */
function goTo({ place, total }: ConversationPage): types.StaticSelect[] {
  const size = CONVERSATION_PAGE[place.style];
  const pages = Math.ceil(total / size);
  if (pages < 3) return [];
  const step = Math.ceil(pages / LIMITS.options);
  const options = Array.from({ length: Math.ceil(pages / step) }, (_, i) => {
    const first = 1 + i * step * size;
    return optionOf(`${first}`, `Turns ${first} to ${Math.min(total, first + size - 1)}`);
  });
  return [selectOf(`${PLACES.turn}-select`, options, `${place.turn}`, "Go to turns …")];
}

function steps(page: ConversationPage, where: "top" | "bottom"): types.ActionsBlock[] {
  const { place, total } = page;
  const size = CONVERSATION_PAGE[place.style];
  const last = pageStart(Math.max(1, total), place.style);
  const step = (text: string, name: string, turn: number) =>
    button(text, `${PLACES.turn}-${where}-${name}`, lookValue({ ...place, turn }));
  return actions([
    ...(place.turn > 1 + size ? [step("First", "first", 1)] : []),
    ...(place.turn > 1 ? [step("← Earlier", "earlier", Math.max(1, place.turn - size))] : []),
    ...(place.turn < last ? [step("Later →", "later", place.turn + size)] : []),
    ...(place.turn < last - size ? [step("Last", "last", last)] : []),
    ...(where === "top" ? goTo(page) : []),
  ]);
}

function tools({ place, rounds }: ConversationPage): types.ActionsBlock[] {
  const { jobId, repository, round } = place;
  const other: ConversationStyle = place.style === "simple" ? "technical" : "simple";
  const target = targetValue({ jobId, repository, round });
  return actions([
    button(
      other === "simple" ? "Simple view" : "Technical view",
      `${PLACES.turn}-style`,
      lookValue({ ...place, style: other, turn: pageStart(place.turn, other) }),
    ),
    button("As a page", ACTIONS.openTranscript, target),
    button("As JSON", ACTIONS.downloadConversation, target),
    ...(rounds.length > 1
      ? [
          selectOf(
            `${PLACES.turn}-round`,
            rounds
              .slice(-LIMITS.options)
              .map((one) => optionOf(`${one.round}`, `Round ${one.round}: ${ROUNDS[one.kind].did}`)),
            `${round}`,
            "Round",
          ),
        ]
      : []),
  ]);
}

function turnBlocks({ place, turns }: ConversationPage, actionOf: ActionOf): types.RichTextBlock[] {
  const size = CONVERSATION_PAGE[place.style];
  const shown = turns.slice(0, size);
  const widths: ((turn: Exchange, next: Exchange | undefined) => types.RichTextBlock)[] =
    place.style === "simple"
      ? SIMPLE_ROOMS.map((room) => (turn, next) => simpleTurn(turn, next, room, actionOf))
      : TECHNICAL_ROOMS.map((room) => (turn, next) => technicalTurn(turn, next, room));
  return firstThatFits(
    widths.map((draw) => () => shown.map((turn, i) => draw(turn, turns[i + 1]))),
    (blocks) => bytesOfView(blocks) < MAX_TURNS_BYTES,
  );
}

/** One page of what was said between the model and its tools. */
export function conversationView(page: ConversationPage, trail: Trail, actionOf: ActionOf): types.ModalView {
  const { place, total, scripted } = page;
  const last = Math.min(total, place.turn + CONVERSATION_PAGE[place.style] - 1);
  return lookModal("Conversation", trail, [
    header(place.repository),
    context(
      escaped(
        total === 0
          ? `Round ${place.round} has no turns yet.`
          : `Round ${place.round} · turns ${place.turn.toLocaleString("en")} to ${last.toLocaleString("en")} of ${total.toLocaleString("en")} · ` +
              `${place.style === "simple" ? "what it did and why" : "calls, results, tokens"}`,
      ),
    ),
    ...(scripted ? [context("The scripted stand-in for Claude said this; no model was asked.")] : []),
    ...tools(page),
    ...steps(page, "top"),
    DIVIDER,
    ...turnBlocks(page, actionOf),
    DIVIDER,
    ...steps(page, "bottom"),
  ]);
}
