import { createServer } from "node:net";

/** The first of six consecutive ports that are free, from `first` on. Keep below the range that the system hands out by itself. */
export async function sixFreePorts(first: number): Promise<number> {
  for (let at = first; ; at += 6) {
    const free = await Promise.all([0, 1, 2, 3, 4, 5].map((offset) => isFree(at + offset)));
    if (free.every(Boolean)) return at;
  }
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
