import { afterAll } from "vitest";
import { removeScratchFolders } from "./workspace/origin.ts";

afterAll(removeScratchFolders);
