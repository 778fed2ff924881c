import { setting } from "./environment.ts";
import { lambda } from "./function.ts";
import { rows } from "./storage.ts";

/** With a GitHub App: each issues one task a token for its own repository, after a look at the row. No task holds the key. */
export const tokenBrokers = setting("GITHUB_APP_ID")
  ? {
      read: lambda("read-token", { permissions: [rows("Query")] }),
      write: lambda("write-token", { permissions: [rows("Query")] }),
    }
  : undefined;
