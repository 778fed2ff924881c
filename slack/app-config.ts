import type { Config } from "../packages/config/read.ts";

/** The app's variables, over HTTP and over Socket Mode alike. */
export type AppConfig = Pick<Config<"slack">, keyof Config<"slack"> & keyof Config<"socket">>;
