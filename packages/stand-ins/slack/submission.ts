import type { Modals, OpenView } from "./modals.ts";
import { WebApiRefusal } from "./web-api/refusal.ts";

/** What happened to a modal on submit. `errors` stand beside their fields, by block id. */
export type Submitted = { closed: true } | { errors: Record<string, string> } | { view: OpenView } | { error: string };

type ResponseAction = { response_action?: string; view?: unknown; errors?: unknown };

/** Does what the app's answer to a `view_submission` asks for. @throws Refusal */
export function obey(modals: Modals, user: string, view: OpenView, body: unknown): Submitted {
  // Closed while the app was busy: what has opened since then is not what it answers.
  if (!modals.stack(user).some(({ id }) => id === view.id)) return { closed: true };
  const answer = (body ?? {}) as ResponseAction;
  switch (answer.response_action) {
    case undefined:
      modals.close(user);
      return { closed: true };
    case "clear":
      modals.clear(user);
      return { closed: true };
    case "update":
      return { view: modals.update({ view_id: view.id }, answer.view) };
    case "push":
      return { view: modals.push(user, answer.view) };
    case "errors":
      return { errors: fieldErrors(view, answer.errors) };
    default:
      throw new WebApiRefusal("invalid_response_action", [String(answer.response_action)]);
  }
}

/** Errors may only name input blocks of the view, and must say something. */
function fieldErrors(view: OpenView, errors: unknown): Record<string, string> {
  const entries = Object.entries((errors ?? {}) as Record<string, unknown>);
  const inputs = view.blocks.filter(({ type }) => type === "input").map(({ block_id }) => block_id);
  const wrong = entries.filter(([id, text]) => !inputs.includes(id) || typeof text !== "string" || text === "");
  if (entries.length === 0 || wrong.length > 0)
    throw new WebApiRefusal("invalid_errors", [`no input block for: ${wrong.map(([id]) => id).join(", ")}`]);
  return Object.fromEntries(entries) as Record<string, string>;
}
