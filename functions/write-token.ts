import { createLend, variables } from "./lend.ts";
import { type Environment, onFirstCall } from "./on-first-call.ts";

export { variables };

/** One repository, to push and to open a pull request: Publish alone may ask. */
export const createWriteToken = (environment: Environment) => createLend("publish", environment);

export const handler = onFirstCall(createWriteToken);
