import { randomBytes } from "node:crypto";
import { WebApiRefusal } from "./web-api/refusal.ts";

/** https://docs.slack.dev/interactivity/handling-user-interaction: a trigger lives 3 seconds and serves once. */
export const TRIGGER_MS = 3_000;

export function createTriggers(nowMs: () => number, lifeMs: number) {
  const issued = new Map<string, { user: string; at: number; used: boolean; fromModal: boolean }>();
  return {
    issue: (user: string, fromModal = false) => {
      const id = `${nowMs()}.${issued.size + 1}.${randomBytes(16).toString("hex")}`;
      issued.set(id, { user, at: nowMs(), used: false, fromModal });
      return id;
    },
    /** The person whose click or command it was. @throws Refusal */
    redeem: (id: unknown): { user: string; fromModal: boolean } => {
      const trigger = issued.get(String(id));
      if (!trigger) throw new WebApiRefusal("invalid_trigger_id");
      if (trigger.used) throw new WebApiRefusal("exchanged_trigger_id");
      if (nowMs() - trigger.at > lifeMs) throw new WebApiRefusal("expired_trigger_id");
      trigger.used = true;
      return trigger;
    },
  };
}
export type Triggers = ReturnType<typeof createTriggers>;
