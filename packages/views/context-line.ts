import type { types } from "@slack/bolt";
import { mrkdwn } from "./text.ts";

export const contextLine = (text: string): types.ContextBlock => ({ type: "context", elements: [mrkdwn(text)] });
