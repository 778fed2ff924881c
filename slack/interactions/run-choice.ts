import type { types, ViewOutput } from "@slack/bolt";
import { DEFAULT_COST_LIMIT_USD } from "../../packages/jobs/job.ts";
import { createFormReader, withoutEmpty } from "../form-reader.ts";
import type { Values } from "../listen.ts";
import { valuesByField } from "./editions.ts";
import { FIELDS, type FormContent, REPOSITORIES_ACTION } from "./run-fields.ts";
import { type Alone, aloneIn } from "./run-repositories.ts";

/** What the form says, as far as an estimate and the lines about each repository need it. */
export type Choice = { names: string[]; model: string; capUsd: number; alone: (name: string) => Alone };

/** The view of a click, to be shown again. */
export function asModal(view: ViewOutput): types.ModalView {
  const { callback_id, private_metadata, title, submit, close, blocks } = view as unknown as types.ModalView;
  return {
    type: "modal",
    callback_id: callback_id!,
    private_metadata: private_metadata!,
    title,
    ...(submit && { submit }),
    ...(close && { close }),
    blocks,
  };
}

/** What a form says now. */
export function choiceIn(typed: Values): Choice {
  const values = valuesByField(typed);
  const repositories = values[FIELDS.repositories]?.[REPOSITORIES_ACTION]?.selected_options ?? [];
  const limit = Number(values[FIELDS.capUsd]?.[FIELDS.capUsd]?.value ?? Number.NaN);
  return {
    // A client that sends one twice is told so at the submit.
    names: [...new Set(repositories.map(({ value }) => value))],
    model: values[FIELDS.model]?.[FIELDS.model]?.selected_option?.value ?? "",
    capUsd: Number.isFinite(limit) ? limit : DEFAULT_COST_LIMIT_USD,
    alone: (name) => aloneIn(values, name),
  };
}

/** What a form says now, to be shown again; what is wrong in it is said at the submit. */
export function contentIn(typed: Values): FormContent {
  const values = valuesByField(typed);
  const { text, chosen, isTicked, number } = createFormReader(values);
  const { names, alone } = choiceIn(typed);
  const limit = number(FIELDS.capUsd);
  const own = names.flatMap((name) => {
    const said = withoutEmpty(alone(name));
    return Object.keys(said).length > 0 ? [[name, said]] : [];
  });
  const options = {
    baseBranch: text(FIELDS.baseBranch),
    setupCommand: text(FIELDS.setupCommand),
    verifyCommand: text(FIELDS.verifyCommand),
    model: chosen(FIELDS.model),
    capUsd: Number.isFinite(limit) ? limit : undefined,
    fixChecks: isTicked(FIELDS.fixChecks),
    tellDirectly: isTicked(FIELDS.tellDirectly),
    byRepository: own.length > 0 ? Object.fromEntries(own) : undefined,
  };
  return { repositories: names, options: withoutEmpty(options) };
}

/** What a form says that was filled in so. */
export const choiceOf = (
  { defaultModel }: { defaultModel: string },
  { repositories = [], options = {} }: FormContent,
): Choice => ({
  names: [...repositories],
  model: options.model ?? defaultModel,
  capUsd: options.capUsd ?? DEFAULT_COST_LIMIT_USD,
  alone: (name) => options.byRepository?.[name] ?? {},
});
