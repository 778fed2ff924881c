import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { UserError } from "../jobs/errors.ts";

/** What was typed behind a command. @throws UserError with `help`: where one reads what there is. */
export function readFlags<const Options extends ParseArgsOptionsConfig>(
  args: string[],
  options: Options,
  help: string,
) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n${help}`);
  }
}
