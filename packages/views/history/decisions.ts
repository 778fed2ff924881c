import type { types } from "@slack/bolt";
import type { AuditEntry } from "../../jobs/team.ts";
import { clip } from "../../text/cut.ts";
import { literal } from "../text.ts";
import { date, person } from "../who-and-when.ts";
import { bullets } from "./blocks.ts";

export const MAX_DECISIONS = 20;
const MAX_SENTENCE = 200;
/** So many fit a block of rich text. */
const DECISIONS_A_BLOCK = 5;

/** A sentence names a channel as Slack's messages do; here its name is shown. */
const withChannels = (sentence: string): types.RichTextElement[] =>
  sentence
    .split(/(<#[CG][A-Z0-9]+>)/)
    .map((part) =>
      /^<#[CG][A-Z0-9]+>$/.test(part) ? { type: "channel", channel_id: part.slice(2, -1) } : literal(part),
    );

function line({ at, by, action, result, repositories, sentence }: AuditEntry): types.RichTextElement[] {
  const about = repositories ? `: ${clip(repositories.join(", "), MAX_SENTENCE)}` : "";
  const why = sentence ? ` (${clip(sentence, MAX_SENTENCE)})` : "";
  const words = result === "done" ? ` ${action}${about}${why}` : ` was refused to ${action}${about}${why}`;
  return [date(at), literal(" · "), person(by), ...withChannels(words)];
}

/** The audit's own rows: who decided, and who was refused, newest first. */
export const decisions = (entries: readonly AuditEntry[]): types.RichTextBlock[] =>
  Array.from({ length: Math.ceil(entries.length / DECISIONS_A_BLOCK) }, (_, i) =>
    bullets(entries.slice(i * DECISIONS_A_BLOCK, (i + 1) * DECISIONS_A_BLOCK).map(line)),
  ).flat();
