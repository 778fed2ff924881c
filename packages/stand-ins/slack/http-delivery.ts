import type { Courier, DeliveryResult, Parcel } from "./delivery.ts";
import { signedHeaders } from "./signature.ts";

/** Signed requests to the app's one request URL, as an app without Socket Mode gets them. */
export function deliverByHttp(deps: {
  url: string;
  signingSecret: string;
  ackMs: number;
  nowMs: () => number;
  log: (line: string) => void;
}): Courier {
  async function post(contentType: string, body: string, headers: Record<string, string>): Promise<DeliveryResult> {
    try {
      const response = await fetch(deps.url, {
        method: "POST",
        headers: {
          ...signedHeaders(deps.signingSecret, body, Math.floor(deps.nowMs() / 1_000)),
          "content-type": contentType,
          "user-agent": "Slackbot 1.0 (stand-in)",
          ...headers,
        },
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(deps.ackMs),
      });
      const text = await response.text();
      if (response.status !== 200) {
        deps.log(`slack got HTTP ${response.status} from the app`);
        return { acked: false, error: "dispatch_failed" };
      }
      return { acked: true, body: parseAck(response.headers.get("content-type"), text) };
    } catch (error) {
      const timedOut = error instanceof DOMException && error.name === "TimeoutError";
      return { acked: false, error: timedOut ? "operation_timeout" : "dispatch_failed" };
    }
  }

  return {
    send: (parcel, retry) =>
      post(...formatted(parcel), {
        ...(retry && { "x-slack-retry-num": String(retry.number), "x-slack-retry-reason": retry.reason }),
      }),
    stop: async () => {},
  };
}

function formatted({ kind, payload }: Parcel): [contentType: string, body: string] {
  if (kind === "events_api") return ["application/json", JSON.stringify(payload)];
  const fields = kind === "interactive" ? { payload: JSON.stringify(payload) } : (payload as Record<string, string>);
  return ["application/x-www-form-urlencoded", new URLSearchParams(fields).toString()];
}

function parseAck(contentType: string | null, text: string): unknown {
  if (text === "") return {};
  return contentType?.includes("json") ? JSON.parse(text) : { text };
}
