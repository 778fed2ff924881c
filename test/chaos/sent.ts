import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Courier, Parcel } from "../../packages/stand-ins/slack/delivery.ts";
import { APP } from "../../packages/stand-ins/slack/workspace.ts";

/** As Slack says it when it heard nothing in time. */
const RETRY = { number: 1, reason: "http_timeout" };

/**
 * What Slack has sent of what people did, in a file, so that it can send the same envelope again, also after a restart.
 * `isTwice` decides which ones come twice at the same time.
 */
export function keepSent(file: string, isTwice: () => boolean) {
  let courier: Courier | undefined;
  const lines = (): (Required<Parcel> | { forgotten: string })[] =>
    existsSync(file)
      ? readFileSync(file, "utf8")
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line))
      : [];
  const kept = () =>
    lines().flatMap((line, i, all) => {
      if ("forgotten" in line) return [];
      const isForgotten = all
        .slice(i + 1)
        .some((later) => "forgotten" in later && JSON.stringify(line).includes(later.forgotten));
      return isForgotten ? [] : [line];
    });

  return {
    carry(real: Courier): Courier {
      courier = real;
      return {
        async send(parcel, retry) {
          if (!isOfPeople(parcel)) return real.send(parcel, retry);
          const sent = { ...parcel, envelopeId: randomUUID() };
          appendFileSync(file, `${JSON.stringify(sent)}\n`);
          const [delivery] = await Promise.all([
            real.send(sent, retry),
            ...(isTwice() ? [real.send(sent, RETRY)] : []),
          ]);
          return delivery!;
        },
        stop: () => real.stop(),
      };
    },
    /**
     * What was sent about this so far does not come again: its person has seen that nothing came of it, and asks anew.
     * Both together would be two requests.
     */
    forget: (marker: string) => appendFileSync(file, `${JSON.stringify({ forgotten: marker })}\n`),
    /** Sends again what `choose` picks; answers how many that were. */
    async again(choose: (sent: readonly Required<Parcel>[]) => readonly Required<Parcel>[]): Promise<number> {
      const chosen = choose(kept());
      await Promise.all(chosen.map((parcel) => courier?.send(parcel, RETRY)));
      return chosen.length;
    },
  };
}

/** Slack repeats events and interactions; a command that comes again is a person who typed it again. */
function isOfPeople({ kind, payload }: Parcel): boolean {
  const { event = {}, type } = payload as { event?: { type?: string; user?: string }; type?: string };
  if (kind === "events_api") return event.type !== "app_home_opened" && event.user !== APP.userId;
  return kind === "interactive" && (type === "block_actions" || type === "view_submission");
}

/** Whether a parcel brings this message. */
export const brings = (messageTs: string) => (parcel: Parcel) =>
  (parcel.payload as { event?: { ts?: string } }).event?.ts === messageTs;
