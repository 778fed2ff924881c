declare module "dynalite" {
  import type { Server } from "node:http";

  /** Without `path` the tables live in memory. Times are how long a table stays in CREATING and the like. */
  export default function dynalite(options: { createTableMs?: number; path?: string }): Server;
}
