import type { App, webApi } from "@slack/bolt";
import { UserError } from "../packages/jobs/errors.ts";
import { keepAudit } from "./audit.ts";
import type { SlackDeps, Who } from "./deps.ts";
import { isTalk, NOT_HERE } from "./workspace.ts";

const KEPT_MS = 10 * 60_000;
const MAX_KEPT = 5_000;

const GUEST = "Guests of this workspace cannot use Cody; ask one of its members.";
const UNKNOWN = "Cody could not ask Slack who you are; try again in a minute.";

type SlackUser = NonNullable<webApi.UsersInfoResponse["user"]>;

/**
 * undefined: a full member of our workspace. `is_stranger` says nothing about people of another organisation with whom
 * a channel is shared: their team does, or the teams that an organisation of ours gives them.
 */
export function memberRefusal(user: SlackUser, teamId: string): string | undefined {
  if (user.is_restricted || user.is_ultra_restricted || user.deleted) return GUEST;
  const isOurs = !user.team_id || user.team_id === teamId || user.enterprise_user?.teams?.includes(teamId);
  return user.is_stranger || !isOurs ? NOT_HERE : undefined;
}

export const memberName = ({ profile, real_name, name }: SlackUser) => profile?.display_name || real_name || name;

/** Slack's word about a person, asked once in ten minutes. `undefined` from `known`: not asked yet. */
function createMembers(now: () => number) {
  const kept = new Map<string, { sentence: string | undefined; name: string | undefined; at: number }>();
  return {
    known: (userId: string) => {
      const found = kept.get(userId);
      return found && now() - found.at < KEPT_MS ? found : undefined;
    },
    async ask(users: Pick<webApi.WebClient["users"], "info">, { userId, teamId }: Who): Promise<string | undefined> {
      const { user } = await users.info({ user: userId });
      if (!user) throw new Error(`Slack knows no ${userId}.`);
      if (kept.size >= MAX_KEPT) kept.clear();
      const sentence = memberRefusal(user, teamId);
      kept.set(userId, { sentence, name: memberName(user), at: now() });
      return sentence;
    },
  };
}

/** These open an empty form within three seconds; what is submitted, clicked or read is asked about again. */
const opensAForm = (args: object, body: { type?: string | undefined }) =>
  "command" in args || body.type === "message_action";

/** What people say to each other outside of threads does not concern Cody. */
const isSmallTalk = (body: object) => isTalk(body) && threadOf(body) === undefined;
const threadOf = (body: object) => ("event" in body ? (body.event as { thread_ts?: string }).thread_ts : undefined);

/** Guests and people of other organisations reach no listener but the one that opens an empty form. */
export function refuseGuests(app: App, deps: Pick<SlackDeps, "now" | "log" | "store">): void {
  const members = createMembers(() => deps.now().getTime());
  app.use(async (args) => {
    const { context, client, body, next } = args;
    const { userId, teamId } = context;
    if (!userId || !teamId || isSmallTalk(body)) return next();
    const known = members.known(userId);
    const asking = known ? undefined : members.ask(client.users, { userId, teamId });
    if (asking && opensAForm(args, body as { type?: string })) {
      // Side by side: the form opens now, and on Lambda nothing may be left running when this ends.
      const known = asking.catch((error: unknown) => deps.log(`slack: ${userId} is not known yet: ${error}`));
      await Promise.all([next(), known]);
      return;
    }
    const sentence = known
      ? known.sentence
      : await asking!.catch((error: unknown) => {
          deps.log(`slack: who ${userId} is could not be found out: ${error}`);
          return UNKNOWN;
        });
    context.personName = members.known(userId)?.name;
    if (sentence === undefined) return next();
    if (isTalk(body)) return;
    await keepAudit(deps, { teamId, userId }, { action: "use", result: "refused", sentence });
    if ("command" in args) return args.ack({ response_type: "ephemeral", text: sentence });
    if ("view" in args && args.body.type === "view_submission") return refuseSubmit(args, sentence);
    if ("options" in args) return args.ack({ options: [] });
    if ("ack" in args && args.ack) await (args.ack as () => Promise<void>)();
    if ("respond" in args && args.respond)
      await args.respond({ response_type: "ephemeral", replace_original: false, text: sentence });
    // An event needs no answer: people who talk in a channel are not asking us.
    if (body.type !== "event_callback") throw new UserError(`${userId} was refused: ${sentence}`);
  });
}

async function refuseSubmit(
  { ack, view }: { ack: unknown; view: { blocks: { block_id?: string; type: string }[] } },
  sentence: string,
) {
  const field = view.blocks.find(({ type, block_id }) => type === "input" && block_id)?.block_id;
  const refuse = ack as (answer?: object) => Promise<void>;
  await refuse(field ? { response_action: "errors", errors: { [field]: sentence } } : undefined);
}
