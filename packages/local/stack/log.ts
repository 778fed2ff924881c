import { appendFileSync } from "node:fs";
import { format } from "node:util";

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

/** What functions and clients warn of is for their log, here as on AWS: a terminal shows the product's own words only. */
export function warningsTo(log: (line: string) => void): void {
  console.warn = (...words) => log(format(...words));
}
