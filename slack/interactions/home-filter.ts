import type { types, ViewOutput } from "@slack/bolt";
import { RepositoryName } from "../../packages/jobs/ids.ts";
import {
  filteredBy,
  type HomeState,
  homeStateText,
  MAX_FILTER_TEXT,
  readHomeState,
} from "../../packages/views/history/home-state.ts";
import { LIMITS, plain } from "../../packages/views/text.ts";
import { REPOSITORIES_ACTION } from "./run-fields.ts";

export const FILTER_MODAL = "cody-home-filter";
export const FILTER_FIELDS = { repository: "filter-repository", text: "filter-text" } as const;

export const filterModal = (state: HomeState): types.ModalView => ({
  type: "modal",
  callback_id: FILTER_MODAL,
  private_metadata: homeStateText(state),
  title: plain("Find jobs", LIMITS.modalTitle),
  submit: plain("Show", LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  blocks: [
    {
      type: "input",
      block_id: FILTER_FIELDS.repository,
      optional: true,
      label: plain("Repository", LIMITS.label),
      element: {
        type: "external_select",
        action_id: REPOSITORIES_ACTION,
        min_query_length: 0,
        placeholder: plain("Any repository", LIMITS.placeholder),
        ...(state.repository && {
          initial_option: { text: plain(state.repository, LIMITS.optionText), value: state.repository },
        }),
      },
    },
    {
      type: "input",
      block_id: FILTER_FIELDS.text,
      optional: true,
      label: plain("Text", LIMITS.label),
      hint: plain("In the prompt, the job's id or its repositories.", LIMITS.hint),
      element: {
        type: "plain_text_input",
        action_id: FILTER_FIELDS.text,
        max_length: MAX_FILTER_TEXT,
        ...(state.text && { initial_value: state.text }),
      },
    },
  ],
});

/** An empty field is no filter. */
export function parseFilter({ private_metadata, state }: Pick<ViewOutput, "private_metadata" | "state">): HomeState {
  const { values } = state;
  const chosen = values[FILTER_FIELDS.repository]?.[REPOSITORIES_ACTION]?.selected_option?.value;
  const text = values[FILTER_FIELDS.text]?.[FILTER_FIELDS.text]?.value?.trim();
  return filteredBy(readHomeState(private_metadata), {
    repository: RepositoryName.safeParse(chosen).data,
    text: text || undefined,
  });
}
