import type { CommandEnd, Turn } from "./conversation.ts";

/** How the command of this call ended. An id is whatever the model's API sent: "constructor" is one like any other. */
export const commandEndOf = (commands: Turn["commands"], id: unknown): CommandEnd | undefined =>
  commands && Object.hasOwn(commands, String(id)) ? commands[String(id)] : undefined;
