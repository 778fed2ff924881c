import { expect, it } from "vitest";
import { pullRequestNow } from "../../packages/github/pull-request-now.ts";
import { forgeWithBranches } from "../stand-ins/forge-branches.ts";

it("how a pull request stands is unknown only where GitHub does not show it", async () => {
  const { reader, asks, admin, place, repository } = await forgeWithBranches({ one: { A: "1\n" }, two: { B: "1\n" } });
  const [one, two] = asks;
  const now = (name: string, asked: { number: number; nodeId?: string }) =>
    pullRequestNow(async () => reader, name, asked);
  expect(await now("acme/app", one!)).toBe("open");
  // The name leads to another repository by now, whose pull request has the same number.
  expect(await now("acme/app", { number: 1, nodeId: two!.nodeId })).toBe("closed");
  expect(await now("acme/app", { number: 99 })).toBe("closed");
  admin.acts.close(place(1), "ada");
  expect(await now("acme/app", one!)).toBe("closed");
  expect(await now("acme/app", two!)).toBe("open");
  await admin.merge("acme/app", 2);
  expect(await now("acme/app", two!)).toBe("merged");
  repository.role = "none";
  expect(await now("acme/app", two!)).toBe("unknown");
  admin.plan({
    method: "GET",
    path: /\/pulls\/1$/,
    kind: "status",
    status: 503,
    body: { message: "Unavailable" },
    times: 9,
  });
  await expect(now("acme/app", one!)).rejects.toThrow("Unavailable");
});
