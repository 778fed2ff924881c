import { withIds } from "../blocks/identity.ts";
import { checkHome } from "../blocks/view.ts";
import { newHash, newId } from "../modals.ts";
import { APP, type Block, TEAM } from "../workspace.ts";
import type { Method } from "./method.ts";
import { WebApiRefusal } from "./refusal.ts";

/** A form that asks for files needs the right to read them. */
const scopesOf = ({ view }: Record<string, unknown>): string[] =>
  JSON.stringify(view ?? {}).includes('"type":"file_input"') ? ["files:read"] : [];

const open: Method = {
  token: "bot",
  scopes: scopesOf,
  required: ["trigger_id", "view"],
  run: ({ trigger_id, view }, { triggers, modals }) => ({ view: modals.open(triggers.redeem(trigger_id).user, view) }),
};

const push: Method = {
  token: "bot",
  scopes: scopesOf,
  required: ["trigger_id", "view"],
  run: ({ trigger_id, view }, { triggers, modals }) => {
    const { user, fromModal } = triggers.redeem(trigger_id);
    if (!fromModal) throw new WebApiRefusal("not_found");
    return { view: modals.push(user, view) };
  },
};

const update: Method = {
  token: "bot",
  scopes: scopesOf,
  required: ["view"],
  run: (args, { modals }) => {
    if (!args.view_id && !args.external_id)
      throw new WebApiRefusal("invalid_arguments", ["missing required field: view_id"]);
    return { view: modals.update(args, args.view) };
  },
};

const publish: Method = {
  token: "bot",
  required: ["user_id", "view"],
  run: ({ user_id, view, hash }, { workspace, manifest, nowMs }) => {
    if (!manifest.features.app_home?.home_tab_enabled) throw new WebApiRefusal("not_enabled");
    const user = workspace.people.find(({ id }) => id === user_id);
    if (!user) throw new WebApiRefusal("invalid_arguments", ["invalid `user_id` [json-pointer:/user_id]"]);
    const before = workspace.home(user.id);
    if (hash && before && hash !== before.hash) throw new WebApiRefusal("hash_conflict");
    const verdict = checkHome(view);
    if (!verdict.ok) throw new WebApiRefusal(verdict.error, verdict.messages);
    const home = {
      ...verdict.view,
      blocks: withIds(verdict.view.blocks, () => newId()),
      id: before?.id ?? `V${newId(6).toUpperCase()}`,
      hash: newHash(nowMs()),
    };
    workspace.publishHome(user.id, home);
    return { view: { ...home, blocks: home.blocks as Block[], team_id: TEAM.id, app_id: APP.id, bot_id: APP.botId } };
  },
};

export const viewMethods = {
  "views.open": open,
  "views.push": push,
  "views.update": update,
  "views.publish": publish,
};
