import type { App, BlockButtonAction, BlockStaticSelectAction, webApi } from "@slack/bolt";
import { digestOf } from "../../packages/notify/live-homes.ts";
import { brokenHome } from "../../packages/views/history/broken-home.ts";
import { readHome } from "../../packages/views/history/home-data.ts";
import {
  FIRST_HOME,
  filteredBy,
  HOME_ACTIONS,
  type HomeState,
  homeStateText,
  readHomeState,
} from "../../packages/views/history/home-state.ts";
import { homeView } from "../../packages/views/history/home-view.ts";
import { JOB_STATES } from "../../packages/views/history/outcomes.ts";
import { welcome } from "../../packages/views/welcome.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { openModal, sentenceFor, whoOf } from "../listen.ts";
import { FILTER_MODAL, filterModal, parseFilter } from "./home-filter.ts";
import type { RunForm } from "./run-form.ts";

async function show(deps: SlackDeps, client: webApi.WebClient, who: Who, state: HomeState) {
  const user_id = who.userId;
  try {
    const readable = await deps.readRights.readable(who);
    const view = homeView(await readHome({ ...deps, readable }, who, state));
    const answer = await client.views.publish({ user_id, view });
    return { hash: answer.view!.hash!, digest: digestOf(view) };
  } catch (error) {
    await client.views.publish({ user_id, view: brokenHome(state, sentenceFor(error)) });
    throw error;
  }
}

/** Shown, and remembered: while the person may still look at it, notify shows it anew when jobs move. */
export async function publishHome(
  deps: SlackDeps,
  client: webApi.WebClient,
  who: Who,
  state: HomeState,
): Promise<void> {
  const shown = await show(deps, client, who, state);
  const at = deps.now().toISOString();
  await deps.store.keepHome({ ...who, ...shown, state: homeStateText(state), lookedAt: at, shownAt: at });
}

/** Claimed before it is posted: told twice is worse than not at all. */
async function welcomeOnce(deps: SlackDeps, client: webApi.WebClient, { teamId, userId }: Who): Promise<void> {
  if ((await deps.store.claimWelcome({ teamId, userId })) === "exists") return;
  await client.chat.postMessage({ channel: userId, ...welcome(userId) });
}

/** A click gives the state of the view that was clicked; what it does to it is one of these. */
const BUTTONS: Record<string, (state: HomeState, value: string) => HomeState> = {
  [HOME_ACTIONS.refresh]: (state) => state,
  [HOME_ACTIONS.clear]: () => FIRST_HOME,
  [HOME_ACTIONS.older]: (state, value) => ({ ...state, pages: [...state.pages, value] }),
  [HOME_ACTIONS.newer]: (state) => ({ ...state, pages: state.pages.slice(0, -1) }),
};
const MENUS: Record<string, (state: HomeState, value: string) => HomeState> = {
  [HOME_ACTIONS.whose]: (state, value) => filteredBy(state, { whose: value === "mine" ? "mine" : "all" }),
  [HOME_ACTIONS.state]: (state, value) =>
    filteredBy(state, { state: JOB_STATES.find((known) => known === value) ?? "any" }),
};

/** The home tab is the workspace's dashboard. */
export function listenToHome(app: App, deps: SlackDeps, form: RunForm): void {
  app.event("app_home_opened", async ({ event, client, context }) => {
    const who = whoOf({ ...context, userId: event.user });
    if (event.tab === "home") {
      // A person who opens it again finds the filter as it was.
      const state = readHomeState(event.view?.private_metadata);
      await publishHome(deps, client, who, { ...state, pages: [] });
    }
    await welcomeOnce(deps, client, who);
  });
  for (const [id, change] of Object.entries(BUTTONS))
    app.action<BlockButtonAction>(id, async ({ ack, action, body, client, context }) => {
      await ack();
      const state = change(readHomeState(body.view?.private_metadata), action.value ?? "");
      await publishHome(deps, client, whoOf(context), state);
    });
  for (const [id, change] of Object.entries(MENUS))
    app.action<BlockStaticSelectAction>(id, async ({ ack, action, body, client, context }) => {
      await ack();
      const state = change(readHomeState(body.view?.private_metadata), action.selected_option.value);
      await publishHome(deps, client, whoOf(context), state);
    });
  app.action<BlockButtonAction>(HOME_ACTIONS.filter, (args) =>
    openModal(args, args.body.trigger_id, filterModal(readHomeState(args.body.view?.private_metadata))),
  );
  // The card of a job that was started here goes to the person directly.
  app.action<BlockButtonAction>(HOME_ACTIONS.run, (args) =>
    form.open(args, {
      triggerId: args.body.trigger_id,
      who: whoOf(args.context),
      channelId: args.body.user.id,
    }),
  );
  app.view(FILTER_MODAL, async ({ ack, view, client, context }) => {
    await ack();
    await publishHome(deps, client, whoOf(context), parseFilter(view));
  });
}
