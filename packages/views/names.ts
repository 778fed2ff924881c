import type { Job } from "../jobs/job.ts";

type Named = Pick<Job, "repositories">;

/** The number by which a follow-up may name it; a single repository has none. */
const placeOf = ({ repositories }: Named, repository: string) =>
  repositories.length > 1 ? `${repositories.indexOf(repository) + 1}. ` : "";

/** "2. acme/orders". */
export const numbered = (job: Named, repository: string) => `${placeOf(job, repository)}${repository}`;

const withoutOwner = (repository: string) => repository.slice(repository.indexOf("/") + 1);

/** "orders", where its whole name stands nearby: on a phone five long names would be five screens. */
export function shortName(job: Named, repository: string): string {
  const short = withoutOwner(repository);
  return job.repositories.filter((one) => withoutOwner(one) === short).length === 1 ? short : repository;
}

/** "2. orders". */
export const shortNumbered = (job: Named, repository: string) =>
  `${placeOf(job, repository)}${shortName(job, repository)}`;
