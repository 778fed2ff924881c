import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Files share what they import: nothing here is mocked, and loading it anew for every file takes a minute of CPU.
    isolate: false,
    setupFiles: ["./test/each-file.ts"],
    reporters: ["default", "./test/skipped.ts"],
    // Whole stacks and runners are started as processes of their own: half of a start is compiling.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/cody-tests") },
  },
});
