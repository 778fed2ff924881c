const TAG = "harness-note";

/** The form of a note where no system message can stand. Only the harness writes it: `unframed` takes it out of the rest. */
export const framed = (note: string) => `<${TAG}>\n${note}\n</${TAG}>`;

/** Text of people, files and commands, in which nothing may look like a note of the harness. */
export const unframed = (text: string) =>
  text.includes(TAG) ? text.replace(new RegExp(`<(\\s*/?\\s*${TAG})`, "gi"), "<\\$1") : text;
