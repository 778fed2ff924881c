import { clipToSize } from "../../packages/views/size.ts";
import { LIMITS } from "../../packages/views/text.ts";
import { unescapedMrkdwn } from "../prompt-text.ts";

/** Where the mention stands, and as much of it as a button's value holds. Slack may give values back escaped. */
export const mentionValue = ({ ts, thread_ts }: { ts: string; thread_ts?: string | undefined }, prompt: string) =>
  clipToSize(`${ts} ${thread_ts ?? "-"}\n${prompt}`, LIMITS.buttonValue);

export function readMentionValue(value = ""): { prompt: string; ts?: string; threadTs?: string | undefined } {
  const [, ts, thread, prompt = ""] = /^([\d.]+) ([\d.]+|-)\n([\s\S]*)$/.exec(value) ?? [];
  return ts
    ? { prompt: unescapedMrkdwn(prompt), ts, threadTs: thread === "-" ? undefined : thread }
    : { prompt: unescapedMrkdwn(value).trim() };
}
