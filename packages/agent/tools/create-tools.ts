import type { Tree } from "../tree.ts";
import { deleteFile } from "./delete-file.ts";
import { editFile } from "./edit-file.ts";
import { listFiles } from "./list-files.ts";
import { moveFile } from "./move-file.ts";
import { readFile } from "./read-file.ts";
import { replaceInFiles } from "./replace-in-files.ts";
import { reportVerdict } from "./report-verdict.ts";
import { runCommand } from "./run-command.ts";
import { search } from "./search.ts";
import { runnable, type Tool } from "./tool.ts";
import { writeFile } from "./write-file.ts";

/** In a fixed order: the list is part of every request's prefix and must not change within a repo run. */
export const createTools = (tree: Tree): Tool[] => [
  runnable(listFiles),
  runnable(readFile),
  runnable(search),
  runnable(editFile),
  runnable(replaceInFiles),
  runnable(writeFile),
  runnable(deleteFile),
  runnable(moveFile),
  ...(tree.run ? [runnable(runCommand(tree.run.bind(tree)))] : []),
  runnable(reportVerdict),
];
