import type { App, Authorize } from "@slack/bolt";
import { UserError } from "../packages/jobs/errors.ts";
import { createSlackClient, type SlackClientOptions } from "../packages/notify/client.ts";
import { keepAudit } from "./audit.ts";
import type { SlackDeps } from "./deps.ts";

export const NOT_HERE = "Cody works for people of the workspace where it is installed only.";

/** Asks Slack once who we are and what we may do; asks again only when that failed. */
export function createAuthorize(
  botToken: string,
  options: SlackClientOptions,
  onScopes: (scopes: readonly string[]) => void,
): Authorize<boolean> {
  const client = createSlackClient(botToken, options);
  const ask = async () => {
    const { team_id, bot_id, user_id, response_metadata } = await client.auth.test();
    onScopes(response_metadata?.scopes ?? []);
    return { botToken, botId: bot_id!, botUserId: user_id!, homeTeamId: team_id! };
  };
  let identity: ReturnType<typeof ask> | undefined;
  return () => {
    identity ??= ask().catch((error) => {
      identity = undefined;
      throw error;
    });
    return identity.then((own) => ({ ...own }));
  };
}

/** A message in a channel: it is said to the people there, and is no attempt to use Cody. */
export const isTalk = (body: object) => "event" in body && (body.event as { type?: string }).type === "message";

/**
 * One deployment serves one workspace. Requests of another one (a distributed app, a shared channel's guest) reach no
 * listener.
 */
export function refuseOtherWorkspaces(app: App, deps: Pick<SlackDeps, "now" | "log" | "store">): void {
  app.use(async (args) => {
    const { body, context, next } = args;
    const user = "user" in body && typeof body.user === "object" ? body.user : undefined;
    const userTeam = user && "team_id" in user ? user.team_id : undefined;
    if (context.teamId === context.homeTeamId && (userTeam ?? context.homeTeamId) === context.homeTeamId) {
      return next();
    }
    if (isTalk(body)) return;
    const stranger = { teamId: String(context.homeTeamId), userId: context.userId ?? "unknown" };
    await keepAudit(deps, stranger, { action: "use", result: "refused", sentence: NOT_HERE });
    if ("command" in args) return args.ack({ response_type: "ephemeral", text: NOT_HERE });
    if ("ack" in args && args.ack) await (args.ack as () => Promise<void>)();
    if ("respond" in args) await args.respond({ response_type: "ephemeral", replace_original: false, text: NOT_HERE });
    throw new UserError(`A request of workspace ${context.teamId} was refused.`);
  });
}
