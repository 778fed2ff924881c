import { createTree } from "../../packages/work/tree.ts";
import type { Workspace } from "../../packages/workspace/workspace.ts";

/** A run's tree, with one change at a time as a test says it. */
export function treeWithHands(workspace: Workspace) {
  const tree = createTree(workspace);
  return {
    ...tree,
    write: (path: string, bytes: Uint8Array) => tree.change([{ kind: "write", path, bytes }]),
    remove: (path: string) => tree.change([{ kind: "remove", path }]),
    move: (from: string, to: string) => tree.change([{ kind: "move", from, to }]),
  };
}
