import { createContext, Script } from "node:vm";

const CALL = new Script("work()");

/**
 * Runs `work` and ends it after `ms`, wherever it is: in the middle of a regular expression, if need be, and without
 * coming to a `finally`. So it must only compute. Throws what `work` throws.
 */
export function createTimed() {
  const context = createContext({ work: () => {} });
  return (ms: number, work: () => void): "done" | "out of time" => {
    context.work = work;
    try {
      CALL.runInContext(context, { timeout: Math.max(1, Math.ceil(ms)) });
      return "done";
    } catch (error) {
      // It is an Error of the context's own, not of ours.
      if (Object(error).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return "out of time";
      throw error;
    }
  };
}
