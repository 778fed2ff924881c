import { startS3 } from "../../packages/stand-ins/s3/s3.ts";
import { BUCKET, CREDENTIALS } from "./s3-world.ts";

/** The stand-in as a process of its own, for tests that kill it. Arguments: folder. Prints its address. */
const [folder = ""] = process.argv.slice(2);
const { url } = await startS3({ folder, buckets: [BUCKET], log: (line) => console.error(line), ...CREDENTIALS });
console.log(url);
