import { once } from "node:events";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { UserError } from "../../jobs/errors.ts";
import { createLoopbackServer, type LoopbackOptions } from "./server.ts";

/**
 * The one way in which a stand-in listens: on loopback, to this machine's own requests. Port 0 takes a free one. `name`
 * stands before each line of the log.
 */
export async function listen(
  name: string,
  handler: RequestListener,
  { port = 0, log, ...options }: { port?: number | undefined } & LoopbackOptions,
) {
  const server = createLoopbackServer(
    (request, response) => {
      // Clients keep connections open; after the last answer nothing else would close them.
      response.on("close", () => server.listening || setImmediate(() => server.closeIdleConnections()));
      handler(request, response);
    },
    { log: (line) => log(`${name}: ${line}`), ...options },
  );
  server.listen(port, "127.0.0.1");
  await once(server, "listening").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "EADDRINUSE")
      throw new UserError(`Port ${port} is taken. Stop what listens there, or choose another one.`, { cause });
    if (cause.code === "EACCES")
      throw new UserError(`This user may not open port ${port}. Choose ports above 1023.`, { cause });
    throw cause;
  });
  const close = async (closeConnections: () => void) => {
    const closed = once(server, "close");
    server.close();
    closeConnections();
    await closed;
  };
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Finishes the requests under way. */
    stop: () => close(() => server.closeIdleConnections()),
    /** Cuts them. */
    stopNow: () => close(() => server.closeAllConnections()),
  };
}
