import { z } from "zod";
import { subscribedEvents } from "../manifest.ts";
import type { Method } from "./method.ts";
import { WebApiRefusal } from "./refusal.ts";

const Status = z.enum(["active", "processing", "suspended", "closed"]);
const MAX_TITLE = 200;

/** https://docs.slack.dev/reference/methods/agents.sessions.setStatus: only apps declared as agents have sessions. */
const setStatus: Method = {
  token: "bot",
  required: ["channel_id", "status"],
  scopes: () => ["chat:write", "assistant:write"],
  run: (args, { workspace, manifest }) => {
    const channel = workspace.channel(String(args.channel_id));
    if (!channel) throw new WebApiRefusal("channel_not_found");
    const root = workspace.message(channel.id, String(args.thread_ts));
    if (!root) throw new WebApiRefusal("thread_not_found");
    const status = Status.safeParse(args.status);
    if (!status.success)
      throw new WebApiRefusal("invalid_arguments", ["must be one of the statuses [json-pointer:/status]"]);
    const title = root.agent_session?.title ?? String(args.title ?? "");
    if (title.length > MAX_TITLE) throw new WebApiRefusal("invalid_arguments", ["too long [json-pointer:/title]"]);
    workspace.update(channel.id, { ...root, agent_session: { status: status.data, title } });
    const mayStop = subscribedEvents(manifest).includes("agent_session_stopped");
    return {
      status: status.data,
      title,
      ...(!mayStop && { warning: "missing_agent_session_stopped_event_subscription" }),
    };
  },
};

export const agentMethods = { "agents.sessions.setStatus": setStatus };
