import { setTimeout as sleep } from "node:timers/promises";

/** `wrong` keeps Cody from working; `warning` does not. `fix` says what to do about it. Never holds a secret. */
export type Finding = { about: string; verdict: "good" | "warning" | "wrong"; says: string; fix?: string };

export const good = (about: string, says: string): Finding => ({ about, verdict: "good", says });
export const warning = (about: string, says: string, fix: string): Finding => ({
  about,
  verdict: "warning",
  says,
  fix,
});
export const wrong = (about: string, says: string, fix: string): Finding => ({ about, verdict: "wrong", says, fix });
export const isWrong = ({ verdict }: Finding) => verdict === "wrong";

export const TIMEOUT_MS = 10_000;

/** A service that is busy or down for a moment is asked again after these. */
const PAUSES_MS = [300, 1_500];

/**
 * What passes by itself, and says nothing about the variables:
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api for the 403.
 */
export const isPassing = (status: number, header: (name: string) => string | null | undefined) =>
  status === 429 ||
  status >= 500 ||
  (status === 403 && (Boolean(header("retry-after")) || header("x-ratelimit-remaining") === "0"));

export const passing = (about: string, what: string) =>
  warning(
    about,
    `${about} ${what} just now, so nothing could be checked.`,
    "Nothing to do: what runs asks it again by itself.",
  );

/** Errors of a connection that no other address or setting would change. */
const PASSING_ERRORS = ["ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "UND_ERR_SOCKET", "UND_ERR_CONNECT_TIMEOUT"];

/** The answer of a real service; what keeps it from coming becomes a finding. */
export async function reachService(
  about: string,
  url: string,
  init: RequestInit,
  check: (response: Response) => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    const response = await fetchWithRetries(url, init);
    if (isPassing(response.status, (name) => response.headers.get(name)))
      return [passing(about, `answers ${response.status}`)];
    return await check(response);
  } catch (error) {
    const { cause, message, name } = error as Error & { cause?: { code?: string } };
    const why = cause?.code ?? message;
    if (name === "TimeoutError" || PASSING_ERRORS.includes(why)) return [passing(about, `does not answer (${why})`)];
    return [
      wrong(about, `${new URL(url).origin} cannot be reached: ${why}`, "Check the address, the network and the proxy."),
    ];
  }
}

async function fetchWithRetries(url: string, init: RequestInit): Promise<Response> {
  for (let tries = 0; ; tries++) {
    const pause = PAUSES_MS[tries];
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (pause === undefined || !isPassing(response.status, (name) => response.headers.get(name))) return response;
    await response.body?.cancel();
    await sleep(pause);
  }
}
