import { createLend, variables } from "./lend.ts";
import { type Environment, onFirstCall } from "./on-first-call.ts";

export { variables };

/** One repository, for reading: Work alone may ask. */
export const createReadToken = (environment: Environment) => createLend("work", environment);

export const handler = onFirstCall(createReadToken);
