import { APP, TEAM, type User } from "../workspace.ts";
import type { Method } from "./method.ts";
import { WebApiRefusal } from "./refusal.ts";

const describe = ({ id, handle, name, admin, guest, bot }: User) => ({
  id,
  team_id: TEAM.id,
  name: handle,
  real_name: name,
  deleted: false,
  tz: "UTC",
  tz_offset: 0,
  is_bot: bot,
  is_admin: admin,
  is_owner: false,
  is_restricted: guest,
  is_ultra_restricted: false,
  profile: { display_name: name, real_name: name },
});

const info: Method = {
  token: "bot",
  required: ["user"],
  scopes: () => ["users:read"],
  run: (args, { workspace }) => {
    const user = workspace.user(String(args.user));
    if (!user) throw new WebApiRefusal("user_not_found");
    return { user: describe(user) };
  },
};

/** Channels in which the person is; private ones only where the app is too. */
const conversations: Method = {
  token: "bot",
  required: [],
  scopes: () => ["channels:read", "groups:read"],
  run: ({ user }, { workspace }) => {
    const person = workspace.user(String(user ?? APP.userId));
    if (!person) throw new WebApiRefusal("user_not_found");
    const channels = workspace
      .channels()
      .filter(({ kind, members }) => kind !== "im" && members.includes(person.id))
      .filter(({ kind, members }) => kind === "public" || members.includes(APP.userId))
      .map(({ id, name, kind }) => ({ id, name, is_private: kind === "private" }));
    return { channels, response_metadata: { next_cursor: "" } };
  },
};

const list: Method = {
  token: "bot",
  required: [],
  scopes: () => ["users:read"],
  run: (_, { workspace }) => ({ members: workspace.people.map(describe), response_metadata: { next_cursor: "" } }),
};

const authTest: Method = {
  token: "bot",
  required: [],
  run: (_, { manifest }) => ({
    url: `https://${TEAM.domain}.slack.example/`,
    team: TEAM.name,
    user: manifest.features.bot_user.display_name,
    team_id: TEAM.id,
    user_id: APP.userId,
    bot_id: APP.botId,
    is_enterprise_install: false,
  }),
};

const teamInfo: Method = {
  token: "bot",
  required: [],
  scopes: () => ["team:read"],
  run: () => ({ team: { id: TEAM.id, name: TEAM.name, domain: TEAM.domain } }),
};

const botsInfo: Method = {
  token: "bot",
  required: [],
  scopes: () => ["users:read"],
  run: (_, { manifest }) => ({
    bot: { id: APP.botId, app_id: APP.id, user_id: APP.userId, name: manifest.features.bot_user.display_name },
  }),
};

const connectionsOpen: Method = {
  token: "app",
  required: [],
  run: (_, { manifest, openConnection }) => {
    if (!manifest.settings.socket_mode_enabled) throw new WebApiRefusal("access_denied");
    return { url: openConnection() };
  },
};

export const peopleMethods = {
  "auth.test": authTest,
  "users.info": info,
  "users.list": list,
  "users.conversations": conversations,
  "team.info": teamInfo,
  "bots.info": botsInfo,
  "apps.connections.open": connectionsOpen,
};
