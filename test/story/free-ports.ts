import { createServer } from "node:net";

/** Consecutive ones below the range that the system hands out by itself. */
let slot = Math.floor(Math.random() * 1_900);
export async function sixFreePorts(): Promise<number> {
  for (;;) {
    // Each call gets others: they are looked at now and taken a while later.
    slot += 1;
    const first = 20_000 + 6 * slot;
    const free = await Promise.all([0, 1, 2, 3, 4, 5].map((offset) => isFree(first + offset)));
    if (free.every(Boolean)) return first;
  }
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
