import { slackErrorOf } from "./client.ts";

/** Slack's words for what it does not show: a kind of block that it does not know, or more than it takes. */
const REFUSED_FOR_ITS_FORM = ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"];

/** Sends the first of some renderings that Slack takes; each shows less than the one before. Any other refusal is thrown. */
export async function firstTaken<Content, Answer>(
  renderings: readonly (() => Content)[],
  send: (content: Content) => Promise<Answer>,
  told: (why: string) => void,
): Promise<Answer> {
  for (const [i, render] of renderings.entries()) {
    try {
      return await send(render());
    } catch (error) {
      const isLast = i === renderings.length - 1;
      if (isLast || !REFUSED_FOR_ITS_FORM.includes(slackErrorOf(error) ?? "")) throw error;
      told(`Slack refused it, a smaller one is tried: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new Error("There is nothing to send.");
}
