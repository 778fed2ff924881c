/** `wrong` keeps Cody from working; `warning` does not. `mend` says what to do about it. Never holds a secret. */
export type Finding = { about: string; verdict: "good" | "warning" | "wrong"; says: string; mend?: string };

export type Environment = Record<string, string | undefined>;

export const good = (about: string, says: string): Finding => ({ about, verdict: "good", says });
export const warning = (about: string, says: string, mend: string): Finding => ({
  about,
  verdict: "warning",
  says,
  mend,
});
export const wrong = (about: string, says: string, mend: string): Finding => ({ about, verdict: "wrong", says, mend });
export const isWrong = ({ verdict }: Finding) => verdict === "wrong";

export const PATIENCE_MS = 10_000;

/** The answer of a real service; what keeps it from coming becomes a finding. */
export async function reach(
  about: string,
  url: string,
  init: RequestInit,
  judge: (response: Response) => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await judge(await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) }));
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    const why = cause?.code ?? message;
    return [
      wrong(about, `${new URL(url).origin} cannot be reached: ${why}`, "Check the address, the network and the proxy."),
    ];
  }
}
