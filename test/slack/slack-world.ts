import type { App } from "@slack/bolt";
import { afterEach, beforeAll, beforeEach } from "vitest";
import type { SlackDeps } from "../../slack/deps.ts";
import { ownTable } from "../store/own-table.ts";
import { connect, depsOver, openStore, openWorkspace, type Store, type Workspace } from "./world.ts";

export type SlackWorld = {
  store: Store;
  put: ReturnType<typeof openStore>["put"];
  workspace: Workspace;
  deps: SlackDeps;
  app: App;
};

/**
 * One table a file; one workspace with the app in it a test. What is read from the returned object is that of the test
 * which runs. `changes`: what the app is given in place of the usual, made anew for each test.
 */
export function slackWorld(changes: () => Partial<SlackDeps> = () => ({}), table = ownTable()): SlackWorld {
  const world = {} as SlackWorld;

  beforeAll(() => {
    Object.assign(world, openStore(table.url));
  });
  beforeEach(async () => {
    world.workspace = await openWorkspace(world.store);
    world.deps = depsOver(world.store, changes());
    world.app = await connect(world.workspace, world.deps);
  });
  afterEach(async () => {
    await world.app.stop();
    await world.workspace.slack.stop();
  });
  return world;
}
