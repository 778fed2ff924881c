/**
 * Work as the product starts it, in one mode of the sandbox, on a machine whose registries may be mirrors of its own.
 * Its argument: `ModeToTry`.
 */
import { join } from "node:path";
import { startWork } from "../../containers/runner/start-work.ts";
import { runTask } from "../../containers/runner/task.ts";
import { type ModeToTry, sandboxOptionsOf } from "./mode-to-try.ts";

process.umask(0o022);
const mode: ModeToTry = JSON.parse(process.argv[2] ?? "");
process.env.CODY_WORK_DIR = join(mode.work, String(process.pid));

await runTask((stop) => startWork(stop, sandboxOptionsOf(mode)));
