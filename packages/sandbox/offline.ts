import { NAMED_TOKENS } from "./environment.ts";

/**
 * Package managers fail at once, in their own words, where a command has no network: by default some of them try again
 * for a minute or more. What a client has in its cache it still finds.
 */
export const OFFLINE: Record<string, string> = {
  // npm, pnpm and Yarn 1
  npm_config_offline: "true",
  npm_config_fetch_retries: "0",
  // Yarn from 2 on
  YARN_ENABLE_NETWORK: "0",
  PIP_RETRIES: "0",
  PIP_NO_INDEX: "1",
  UV_OFFLINE: "1",
  // Poetry tries five times, 7.5 s in all, and has no setting for it; with such a time-out it does not even try.
  POETRY_REQUESTS_TIMEOUT: "0",
  CARGO_NET_OFFLINE: "true",
  GOPROXY: "off",
  COMPOSER_DISABLE_NETWORK: "1",
  ...NAMED_TOKENS,
};
