import { clearScreenDown, cursorTo, moveCursor } from "node:readline";
import type { Writable } from "node:stream";
import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import { clip } from "../../text/cut.ts";

/** A terminal, or a pipe, which has none of its properties. */
type Output = Writable & Partial<Pick<WriteStream, "isTTY" | "columns" | "rows">>;
type Style = Parameters<typeof styleText>[0];

const RULES: [RegExp, Style][] = [
  [/^--- .* ---$/, "bold"],
  [/^ {2}\+/, "green"],
  [/^ {2}-/, "red"],
  [/^ *✓/, "green"],
  [/^ *✗/, "red"],
  [/^ *▸/, "cyan"],
];

/**
 * Where the demo speaks. In a terminal what runs now stands in lines at the foot, which are drawn in place; what is said
 * goes above them. A pipe gets lines alone. Colour as Node decides it: NO_COLOR, FORCE_COLOR and a pipe are respected.
 */
export function createScreen(out: Output, env: NodeJS.ProcessEnv = process.env) {
  const isLive = out.isTTY === true && env.TERM !== "dumb";
  let foot: readonly string[] = [];
  let drawn = 0;

  const painted = (line: string) => {
    const [, style] = RULES.find(([pattern]) => pattern.test(line)) ?? [];
    return style ? styleText(style, line, { stream: out }) : line;
  };
  const erase = () => {
    if (drawn === 0) return;
    moveCursor(out, 0, -drawn);
    cursorTo(out, 0);
    clearScreenDown(out);
    drawn = 0;
  };
  const draw = () => {
    // A line that wraps, or one above the window, could not be drawn again.
    const shown = foot.slice(0, Math.max(1, (out.rows || 24) - 1));
    for (const line of shown) out.write(`${painted(clip(line, Math.max(1, (out.columns || 80) - 1)))}\n`);
    drawn = shown.length;
  };

  return {
    isLive,
    say(line = "") {
      erase();
      out.write(`${painted(line)}\n`);
      if (isLive) draw();
    },
    /** The lines at the foot from now on; a pipe has none. */
    setFoot(lines: readonly string[]) {
      if (!isLive) return;
      foot = lines;
      erase();
      draw();
    },
  };
}
export type Screen = ReturnType<typeof createScreen>;
