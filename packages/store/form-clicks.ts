import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expiring } from "./expiry.ts";
import type { RowKey } from "./rows.ts";
import { createWrites } from "./writes.ts";

/** One filling of an open form: what stands in a later one was put there in place of it. */
type FormEdition = { viewId: string; edition: number };

/** Behind every time of Slack's. */
const REPLACED = "~";

const keyOf = ({ viewId, edition }: FormEdition): RowKey => ({ pk: `FORM#${viewId}`, sk: `EDITION#${edition}` });

/** Which click in a form is the newest, for processes that follow its clicks side by side. `at`: Slack's `action_ts`. */
export const createFormClicks = (deps: { documents: DynamoDBDocumentClient; table: string; now: () => Date }) => {
  const writes = createWrites(deps);
  const note = async (of: FormEdition, at: string) => {
    const isNewer = { expression: "attribute_not_exists(#at) OR #at < :newer", values: { newer: at } };
    // Long after the form is closed.
    await writes.update(keyOf(of), { set: { at, ...expiring(deps.now(), "day") } }, isNewer);
  };
  return {
    noteFormClick: note,
    /** No click in this edition counts any more. */
    noteFormReplaced: (of: FormEdition) => note(of, REPLACED),
    isNewestFormClick: async (of: FormEdition, at: string) => (await writes.read(keyOf(of)))?.at === at,
  };
};
