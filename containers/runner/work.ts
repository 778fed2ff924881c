import { startWork } from "./start-work.ts";
import { runTask } from "./task.ts";

// As in the image, for every way to start it: what commands of a repository see does not depend on the machine.
process.umask(0o022);

await runTask(startWork);
