import { toast } from "./toast.js";

/** The person that this tab acts as. */
export const as = new URLSearchParams(location.search).get("as") ?? "requester";

export async function read(name, query = {}) {
  const response = await fetch(`/workspace/${name}?${new URLSearchParams({ as, ...query })}`);
  return response.json();
}

/** A press that reaches no app is said, as every other that did nothing. */
export async function act(name, body = {}) {
  try {
    const response = await fetch(`/workspace/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ as, ...body }),
    });
    return await response.json();
  } catch (error) {
    toast("No answer from the stack: press again once it is up.");
    throw error;
  }
}

/** Calls back on every change; on a new connection first once with undefined: what was missed is unknown. */
export function listen(onChange) {
  const source = new EventSource(`/workspace/changes?${new URLSearchParams({ as })}`);
  source.onopen = () => onChange(undefined);
  source.onmessage = ({ data }) => onChange(JSON.parse(data));
}
