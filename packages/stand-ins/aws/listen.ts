import { once } from "node:events";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { UserError } from "../../jobs/errors.ts";
import { createLoopbackServer, type LoopbackOptions } from "../loopback/server.ts";

export type Listening = { url: string /** Finishes the requests under way. */; stop(): Promise<void> };

/** A server on loopback; port 0 takes a free one. */
export async function listen(
  handler: RequestListener,
  { port = 0, ...options }: { port?: number } & LoopbackOptions,
): Promise<Listening> {
  const server = createLoopbackServer((request, response) => {
    // Clients keep connections open; after the last answer nothing else would close them.
    response.on("close", () => server.listening || setImmediate(() => server.closeIdleConnections()));
    handler(request, response);
  }, options);
  server.listen(port, "127.0.0.1");
  await once(server, "listening").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EADDRINUSE") throw cause;
    throw new UserError(`Port ${port} is taken. Stop what listens there, or choose another one.`, { cause });
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      await closed;
    },
  };
}
