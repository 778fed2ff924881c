import type { Context } from "hono";

/** GitHub pages by `page` and `per_page` (30, at most 100) and tells the next page in the Link header. */
export function page<T>(c: Context, url: string, all: readonly T[]): T[] {
  const perPage = Math.min(100, positive(c.req.query("per_page"), 30));
  const current = positive(c.req.query("page"), 1);
  const last = Math.max(1, Math.ceil(all.length / perPage));
  const to = (number: number, rel: string) => {
    const target = new URL(url);
    target.search = new URLSearchParams({ ...c.req.query(), page: `${number}` }).toString();
    return `<${target}>; rel="${rel}"`;
  };
  const links = [
    ...(current > 1 ? [to(current - 1, "prev"), to(1, "first")] : []),
    ...(current < last ? [to(current + 1, "next"), to(last, "last")] : []),
  ];
  if (links.length > 0) c.header("link", links.join(", "));
  return all.slice((current - 1) * perPage, current * perPage);
}

const positive = (text: string | undefined, fallback: number) => {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : fallback;
};
