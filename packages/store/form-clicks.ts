import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { RowKey } from "./rows.ts";
import { createWrites } from "./writes.ts";

/** One filling of an open form: what stands in a later one was put there in place of it. */
type FormEdition = { viewId: string; edition: number };

/** When DynamoDB may remove the row (its TTL attribute, `expiresAt`): long after the form is closed. */
const KEEP_SECONDS = 24 * 60 * 60;
/** Behind every time of Slack's. */
const REPLACED = "~";

const keyOf = ({ viewId, edition }: FormEdition): RowKey => ({ pk: `FORM#${viewId}`, sk: `EDITION#${edition}` });

/** Which click in a form is the newest, for processes that follow its clicks side by side. `at`: Slack's `action_ts`. */
export const createFormClicks = (deps: { documents: DynamoDBDocumentClient; table: string; now: () => Date }) => {
  const writes = createWrites(deps);
  const note = async (of: FormEdition, at: string) => {
    const expiresAt = Math.ceil(deps.now().getTime() / 1_000) + KEEP_SECONDS;
    const isNewer = { expression: "attribute_not_exists(#at) OR #at < :newer", values: { newer: at } };
    await writes.update(keyOf(of), { set: { at, expiresAt } }, isNewer);
  };
  return {
    noteFormClick: note,
    /** No click in this edition counts any more. */
    noteFormReplaced: (of: FormEdition) => note(of, REPLACED),
    isNewestFormClick: async (of: FormEdition, at: string) => (await writes.read(keyOf(of)))?.at === at,
  };
};
