import type { Slack } from "../../../packages/stand-ins/slack/start.ts";
import { wrongWithBlocks, wrongWithView } from "./check.ts";

/**
 * Holds everything that an app sends to a workspace of the stand-in to Slack's own types and the limits in their
 * comments, so that each journey is a test of it. Call the result when the journey is over: it throws what was wrong.
 */
export function watchForSlackTypes({ onReceived }: Pick<Slack, "onReceived">): () => void {
  const wrong = new Set<string>();
  onReceived(({ by, blocks, view }) => {
    const found = [
      ...(blocks === undefined ? [] : wrongWithBlocks(blocks)),
      ...(view === undefined ? [] : wrongWithView(view)),
    ];
    for (const complaint of found) wrong.add(`${by}: ${complaint}`);
  });
  return () => {
    if (wrong.size > 0) throw new Error(`Slack's types do not know what was sent:\n${[...wrong].join("\n")}`);
  };
}

/** The same workspace, which looks when it stops. */
export function holdToSlackTypes<W extends Pick<Slack, "onReceived" | "stop">>(slack: W): W {
  const check = watchForSlackTypes(slack);
  return {
    ...slack,
    stop: async () => {
      await slack.stop();
      check();
    },
  };
}
