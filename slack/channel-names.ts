import type { webApi } from "@slack/bolt";

const CHANNEL = /<#([CG][A-Z0-9]+)>/g;

/** A form shows plain text: what Slack's messages turn into a channel's name would stand there as an id. */
export async function withChannelNames(
  { conversations }: { conversations: Pick<webApi.WebClient["conversations"], "info"> },
  sentence: string,
): Promise<string> {
  const ids = [...new Set([...sentence.matchAll(CHANNEL)].map(([, id]) => id!))];
  const names = new Map(await Promise.all(ids.map(async (id) => [id, await nameOf(id)] as const)));
  return sentence.replace(CHANNEL, (_, id: string) => names.get(id) ?? "another channel");

  /** A private channel of which we are no member has no name for us. */
  async function nameOf(channel: string): Promise<string | undefined> {
    const { name } = await conversations.info({ channel }).then(
      (answer) => answer.channel ?? {},
      () => ({ name: undefined }),
    );
    return name && `#${name}`;
  }
}
