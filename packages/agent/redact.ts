/** Takes secrets out of what a tool read, before it is sent or stored. */
export type Redact = (text: string) => string | Promise<string>;
