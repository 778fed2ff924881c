import { afterAll } from "vitest";
import { removeScratchFolders } from "./rooms/workspace-origin.ts";

afterAll(removeScratchFolders);
