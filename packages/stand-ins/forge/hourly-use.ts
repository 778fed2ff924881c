import type { Token } from "./credentials.ts";

const HOUR_S = 3_600;

/** What each token has used of its hour, which begins with its first request; and the headers that say it. */
export function createHourlyUse(resource: string, now: () => number) {
  const hours = new Map<string, { used: number; resetS: number }>();
  return ({ token }: Token, cost: number, limit: number) => {
    const nowS = Math.floor(now() / 1_000);
    const before = hours.get(token);
    const hour = before && before.resetS > nowS ? before : { used: 0, resetS: nowS + HOUR_S };
    hour.used += cost;
    hours.set(token, hour);
    const remaining = Math.max(0, limit - hour.used);
    const headers = {
      "x-ratelimit-limit": `${limit}`,
      "x-ratelimit-remaining": `${remaining}`,
      "x-ratelimit-used": `${hour.used}`,
      "x-ratelimit-reset": `${hour.resetS}`,
      "x-ratelimit-resource": resource,
    };
    return { remaining, resetS: hour.resetS, isOver: hour.used > limit, headers };
  };
}
