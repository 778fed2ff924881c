import type { Addresses } from "./answers/user.ts";
import type { Token } from "./credentials.ts";
import type { ForgeRepositories } from "./repositories.ts";
import type { ForgeState } from "./state.ts";

export type RestDeps = {
  state: ForgeState;
  repositories: ForgeRepositories;
  addresses: () => Addresses;
  log: (line: string) => void;
  /** Milliseconds; tests move it. */
  now: () => number;
};
/** Who asks is known before any route runs. */
export type RestContext = { Variables: { token: Token } };
