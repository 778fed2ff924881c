import { expect, test } from "vitest";
import { megabytes, percent, plural, tokens } from "../../packages/text/counts.ts";
import { duration, exactDuration } from "../../packages/text/duration.ts";
import { firstLine, oneLine } from "../../packages/text/lines.ts";
import { andMore, listed, someListed } from "../../packages/text/lists.ts";
import { aboutDollars, dollars, exactDollars } from "../../packages/text/money.ts";

test("money: in cents, to two telling digits, and about", () => {
  const sums = [null, 0, 0.00001, 0.0042, 0.05, 0.1, 12.345];
  expect(sums.map(dollars)).toEqual([
    "no known price",
    "$0.00",
    "under $0.01",
    "under $0.01",
    "$0.05",
    "$0.10",
    "$12.35",
  ]);
  expect(sums.map(exactDollars)).toEqual([
    "no known price",
    "$0.00",
    "under $0.0001",
    "$0.0042",
    "$0.0500",
    "$0.10",
    "$12.35",
  ]);
  expect(sums.map((usd) => aboutDollars(usd))).toEqual([
    "no known price",
    "$0.00",
    "under $0.01",
    "under $0.01",
    "about $0.05",
    "about $0.10",
    "about $12.35",
  ]);
  expect(aboutDollars(0.0042, exactDollars)).toBe("about $0.0042");
});

test("durations", () => {
  const times = [-5, 0, 400, 9_940, 9_960, 59_400, 59_600, 185_000, 7_800_000];
  expect(times.map(duration)).toEqual([
    "under 1 s",
    "under 1 s",
    "under 1 s",
    "10 s",
    "10 s",
    "59 s",
    "1 min",
    "3 min 5 s",
    "2 h 10 min",
  ]);
  expect(times.slice(0, 5).map(exactDuration)).toEqual(["0.0 s", "0.0 s", "0.4 s", "9.9 s", "10 s"]);
});

test("counts", () => {
  expect([plural(1, "file"), plural(0, "file"), plural(1_204, "repository", "repositories")]).toEqual([
    "1 file",
    "0 files",
    "1,204 repositories",
  ]);
  expect([950, 5_712, 9_960, 15_400, 999_400, 999_600, 1_234_000].map(tokens)).toEqual([
    "950",
    "5.7k",
    "10k",
    "15k",
    "999k",
    "1.00M",
    "1.23M",
  ]);
  expect([percent(0.876), megabytes(52_428_800)]).toEqual(["88%", "50 MB"]);
});

test("lists and lines", () => {
  expect([listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"], "or")]).toEqual([
    "",
    "a",
    "a and b",
    "a, b or c",
  ]);
  const letters = ["a", "b", "c", "d"];
  expect([someListed(letters, 4), someListed(letters, 2), someListed(letters, 3, "path")]).toEqual([
    "a, b, c and d",
    "a, b and 2 more",
    "a, b, c and 1 more path",
  ]);
  expect([andMore(0), andMore(1), andMore(3)]).toEqual(["", "", " and 2 more"]);
  expect([firstLine("\n  a b \nc"), oneLine(" a \n\n b\t c ")]).toEqual(["a b", "a b c"]);
});
