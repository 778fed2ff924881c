import type { types } from "@slack/bolt";
import { LINK_SECONDS } from "../../jobs/job.ts";
import type { CardContent } from "../card.ts";
import { escaped, literal, readable, richText, section } from "../text.ts";

export type SignedLink = {
  url: string;
  /** What the link is called: a file's name, or what opens. */
  label: string;
  /** Behind it, in brackets: how much it is. */
  facts?: string | undefined;
  /** What to do with it. */
  use?: types.RichTextElement[];
};

/** A link that was signed on click, for one person's eyes: its real host, and how long it works. */
export function linkContent({ url, label, facts, use = [] }: SignedLink): CardContent {
  const words = [facts, `from ${new URL(url).host}`].filter((word) => word !== undefined).join(", ");
  return {
    text: `<${escaped(url)}|${escaped(label)}>`,
    blocks: [
      richText(
        section([
          { type: "link", url, text: readable(label) },
          literal(` (${words})\n`),
          literal(`The link works for ${LINK_SECONDS / 60} minutes, for everyone who has it.`),
          ...(use.length > 0 ? [literal("\n"), ...use] : []),
        ]),
      ),
    ],
  };
}
