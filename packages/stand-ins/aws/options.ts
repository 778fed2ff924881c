import type { LoopbackOptions } from "../loopback/server.ts";
import type { Credentials } from "./signature.ts";

/** What each stand-in for a service of AWS takes. `log` gets one line for everything that was refused. */
export type AwsStandInOptions = Credentials & LoopbackOptions & { port?: number; region?: string };

/** One that keeps its state. */
export type OnDisk = {
  /** Where; one process at a time. */
  folder: string;
  now?: () => Date;
};
