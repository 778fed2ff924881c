import { Writable } from "node:stream";
import { WriteStream } from "node:tty";
import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { createScreen } from "../../packages/local/demo/screen.ts";

const { getColorDepth } = WriteStream.prototype;

function output(terminal?: { columns: number; rows: number }) {
  const written: string[] = [];
  const write = (chunk: Buffer, _: unknown, done: () => void) => {
    written.push(chunk.toString());
    done();
  };
  return {
    written,
    out: Object.assign(new Writable({ write }), terminal && { isTTY: true, getColorDepth, ...terminal }),
  };
}

/** The window of a terminal that knows the codes of Node's readline. */
function windowOf(written: readonly string[]): string[] {
  const lines: string[] = [""];
  let row = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is read
  for (const [, up, code, text] of written.join("").matchAll(/\x1b\[(\d+)A|\x1b\[([\dGJ]+)|([^\x1b]+)/g)) {
    if (up) row -= Number(up);
    if (code === "0J") lines.length = row;
    for (const [at, part] of (text ?? "").split("\n").entries()) {
      if (at > 0) row += 1;
      lines[row] = (lines[row] ?? "") + part;
    }
  }
  return lines.filter((line) => line !== undefined);
}

/** Node asks these before it asks the stream; whoever runs the tests may set some of them. */
const COLOUR = ["FORCE_COLOR", "CI", "NODE_DISABLE_COLORS", "TMUX"];

beforeEach(() => {
  for (const name of COLOUR) vi.stubEnv(name, undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
});

it("a pipe gets lines, no codes and no foot", () => {
  const { out, written } = output();
  const screen = createScreen(out, {});
  screen.setFoot(["  ▸ 1. acme/orders: thinking"]);
  screen.say("  ✓ done");
  expect(screen.isLive).toBe(false);
  expect(written).toEqual(["  ✓ done\n"]);
});

it("a terminal draws the foot in place, what is said stands above it, and nothing of it stays in the end", () => {
  const { out, written } = output({ columns: 20, rows: 10 });
  const screen = createScreen(out, {});
  screen.say("begin");
  screen.setFoot(["one: queued", "two: queued"]);
  screen.setFoot(["one: thinking about what is to be done", "two: queued"]);
  screen.say("said");
  expect(windowOf(written)).toEqual(["begin", "said", "one: thinking abou…", "two: queued", ""]);
  screen.setFoot([]);
  screen.say("end");
  expect(windowOf(written)).toEqual(["begin", "said", "end", ""]);
});

it("a foot that is higher than the window, and a terminal that cannot move its cursor", () => {
  const { out, written } = output({ columns: 80, rows: 3 });
  createScreen(out, {}).setFoot(["one", "two", "three"]);
  expect(windowOf(written)).toEqual(["one", "two", ""]);
  expect(createScreen(out, { TERM: "dumb" }).isLive).toBe(false);
});

it("colour is for terminals, and NO_COLOR is kept", () => {
  const shown = (noColor: string | undefined, terminal?: { columns: number; rows: number }) => {
    vi.stubEnv("NO_COLOR", noColor);
    vi.stubEnv("TERM", "xterm-256color");
    const { out, written } = output(terminal);
    createScreen(out, {}).say("  +added");
    return written.join("");
  };
  const terminal = { columns: 80, rows: 24 };
  expect(shown(undefined, terminal)).toBe("\u001b[32m  +added\u001b[39m\n");
  expect(shown("1", terminal)).toBe("  +added\n");
  expect(shown(undefined)).toBe("  +added\n");
});
