import { homedir } from "node:os";
import { resolve } from "node:path";

/** A path that was typed in a folder. A shell leaves `~` as it is behind `--repo=` and in quotes. */
export const pathFrom = (folder: string, typed: string) =>
  resolve(
    folder,
    typed.replace(/^~(?=\/|$)/, () => homedir()),
  );
