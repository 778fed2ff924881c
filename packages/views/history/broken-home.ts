import type { types } from "@slack/bolt";
import { button } from "../button.ts";
import { plain } from "../text.ts";
import { actions } from "./blocks.ts";
import { HOME_ACTIONS, type HomeState, homeStateText } from "./home-state.ts";

/** In place of the dashboard when it could not be read: the filter is kept for the next try. */
export const brokenHome = (state: HomeState, sentence: string): types.HomeView => ({
  type: "home",
  private_metadata: homeStateText(state),
  blocks: [
    { type: "section", text: plain(sentence, 500) },
    ...actions([button("Refresh", HOME_ACTIONS.refresh, "refresh", { style: "primary" })]),
  ],
});
