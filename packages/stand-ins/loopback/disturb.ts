import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * What a network or a service does to one request now and then. `cut` comes before the work, `lose-answer` after it:
 * the client cannot tell them apart.
 */
export type Disturbance =
  | { kind: "cut" | "lose-answer" }
  | { kind: "delay"; ms: number }
  | { kind: "status"; status: number };

/** Asked for each request of a stand-in; undefined leaves it alone. */
export type Disturb = (request: IncomingMessage) => Disturbance | undefined;

/** false: the request goes no further. */
export async function suffer(
  disturbance: Disturbance,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  switch (disturbance.kind) {
    case "cut":
      request.socket.destroy();
      return false;
    case "lose-answer":
      response.write = () => true;
      response.end = () => {
        request.socket.destroy();
        return response;
      };
      return true;
    case "delay":
      await sleep(disturbance.ms);
      return true;
    case "status":
      request.resume();
      response.writeHead(disturbance.status).end();
      return false;
  }
}
