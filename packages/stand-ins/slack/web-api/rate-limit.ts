import type { SlackLimits } from "../limits.ts";

const MINUTE_MS = 60_000;

/** Answers with the seconds to wait (`Retry-After`), or 0 and counts the call. */
export function createRateLimit(limits: SlackLimits, nowMs: () => number) {
  const calls = new Map<string, number[]>();
  const posts = new Map<string, { tokens: number; at: number }>();

  function callWait(method: string) {
    const now = nowMs();
    const recent = (calls.get(method) ?? []).filter((at) => now - at < MINUTE_MS);
    calls.set(method, recent);
    const allowed = limits.callsPerMinute[method] ?? limits.otherCallsPerMinute;
    if (recent.length >= allowed) return Math.ceil((MINUTE_MS - (now - recent[0]!)) / 1_000);
    recent.push(now);
    return 0;
  }

  function postWait(channel: string) {
    const now = nowMs();
    const before = posts.get(channel) ?? { tokens: limits.postBurst, at: now };
    const tokens = Math.min(limits.postBurst, before.tokens + ((now - before.at) / 1_000) * limits.postsPerSecond);
    posts.set(channel, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / limits.postsPerSecond);
  }

  return (method: string, args: Record<string, unknown>) =>
    callWait(method) || (method === "chat.postMessage" ? postWait(String(args.channel)) : 0);
}
