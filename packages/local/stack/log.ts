import { appendFileSync } from "node:fs";

/**
 * Lines of the stack, each with its time, in a file. A line that cannot be written, as on a full disk, never ends the
 * stack: it goes to the error output, and so do the next ones until the file takes lines again.
 */
export function createStackLog(file: string, complain = (line: string) => console.error(line)) {
  let lost = 0;
  return (line: string) => {
    const text = `${new Date().toISOString()} ${line}`;
    try {
      const before = lost > 0 ? `(${lost} lines could not be written here)\n` : "";
      appendFileSync(file, `${before}${text}\n`);
      lost = 0;
    } catch (error) {
      if (lost === 0) complain(`${file} takes no lines: ${(error as Error).message}. They follow here.`);
      lost += 1;
      complain(text);
    }
  };
}
