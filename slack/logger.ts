import { type Logger, LogLevel } from "@slack/bolt";

/** Bolt's and the Web API's words as lines: warnings and errors only, their debug lines hold what people wrote. */
export const lineLogger = (log: (line: string) => void): Logger => {
  const line =
    (level: string) =>
    (...words: unknown[]) =>
      log(`slack ${level}: ${words.map((word) => (word instanceof Error ? word.message : String(word))).join(" ")}`);
  return {
    debug: () => {},
    info: () => {},
    warn: line("warning"),
    error: line("error"),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
};
