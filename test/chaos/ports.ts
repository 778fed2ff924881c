import { createServer } from "node:net";

/** The first of six consecutive ones below the range that the system hands out by itself. */
export async function sixFreePorts(seed: number): Promise<number> {
  for (let first = 10_000 + 6 * (seed % 1_000); ; first += 6) {
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
