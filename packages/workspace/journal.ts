import { randomUUID } from "node:crypto";
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { wipe } from "../filesystem/wipe.ts";
import type { Workspace } from "./workspace.ts";

/** What a call has done so far and how to take it back, and a folder outside the tree for what it took away. */
export class Journal {
  private readonly undoing: (() => Promise<void>)[] = [];
  private readonly aside: string[] = [];
  private readonly workspace: Workspace;

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  note(undo: () => Promise<void>): void {
    this.undoing.push(undo);
  }

  /** A new name on the tree's own disk where no command looks. */
  spare(): string {
    const place = join(dirname(this.workspace.gitDir), `aside-${randomUUID()}`);
    this.aside.push(place);
    return place;
  }

  /** Takes a file, a link or a folder out of the tree until it is known whether the call succeeds. */
  async takeAway(full: Buffer, putBack: (from: string) => Promise<void>): Promise<string> {
    const place = this.spare();
    await rename(full, place);
    this.note(() => putBack(place));
    return place;
  }

  /** The newest first, as far as it goes: each failure would hide the error that led here. */
  async undo(): Promise<void> {
    for (const undo of this.undoing.splice(0).toReversed()) await undo().catch(() => {});
  }

  async close(): Promise<void> {
    for (const place of this.aside.splice(0)) await wipe(place);
  }
}
