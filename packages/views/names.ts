import type { Job } from "../jobs/job.ts";

type Named = Pick<Job, "repositories">;

/** The number by which a follow-up may name it; a single repository has none. */
const placeOf = ({ repositories }: Named, repository: string) =>
  repositories.length > 1 ? `${repositories.indexOf(repository) + 1}. ` : "";

const withoutOwner = (repository: string) => repository.slice(repository.indexOf("/") + 1);

/** Longer names take several lines of a phone each. */
const LONG_NAME = 26;

/** Names that leave little room beside them. */
export const areLong = ({ repositories }: Named) =>
  repositories.length > 1 && repositories.some(({ length }) => length > LONG_NAME);

/** Whose all repositories are, where that is said once for all because their names are long. */
export function ownerOfAll({ repositories }: Named): string | undefined {
  const owners = new Set(repositories.map((name) => name.slice(0, name.indexOf("/"))));
  return areLong({ repositories }) && owners.size === 1 ? [...owners][0] : undefined;
}

/** "2. acme/orders"; "2. orders" where the owner is said once for all. */
export const numbered = (job: Named, repository: string) =>
  `${placeOf(job, repository)}${ownerOfAll(job) === undefined ? repository : withoutOwner(repository)}`;

/** "orders", where its whole name stands nearby. */
export function shortName(job: Named, repository: string): string {
  const short = withoutOwner(repository);
  return job.repositories.filter((one) => withoutOwner(one) === short).length === 1 ? short : repository;
}

/** "2. orders". */
export const shortNumbered = (job: Named, repository: string) =>
  `${placeOf(job, repository)}${shortName(job, repository)}`;
