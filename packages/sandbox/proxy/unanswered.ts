import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

const MAX_UNANSWERED = 16;
const counts = new WeakMap<Socket, number>();

/**
 * Counts a request of a connection until it is answered. No client sends many more before that; one that did could fill
 * our memory with them, so its connection ends: false. `idle`: called when none of them waits any more.
 */
export function isAwaited({ socket }: IncomingMessage, answer: ServerResponse, idle = () => {}): boolean {
  const count = (counts.get(socket) ?? 0) + 1;
  counts.set(socket, count);
  answer.on("close", () => {
    const left = counts.get(socket)! - 1;
    counts.set(socket, left);
    if (left === 0) idle();
  });
  if (count > MAX_UNANSWERED) socket.destroy();
  return count <= MAX_UNANSWERED;
}
