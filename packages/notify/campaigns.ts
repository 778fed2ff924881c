import { type CampaignMessageDeps, showCampaign } from "./campaign-message.ts";

/** By their own rows, and those of which a job has begun or ended. A change whose message could not be shown comes again. */
export async function showCampaigns(
  deps: CampaignMessageDeps,
  changes: readonly { campaignId: string; sequenceNumber: string }[],
  jobIds: readonly string[],
): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> {
  const show = async (campaignId: string) => {
    try {
      await showCampaign(deps, campaignId);
      return true;
    } catch (error) {
      deps.log(`notify ${campaignId}: ${error}`);
      return false;
    }
  };
  const byId = Map.groupBy(changes, ({ campaignId }) => campaignId);
  const failures = await Promise.all(
    [...byId].map(async ([campaignId, [first]]) =>
      (await show(campaignId)) ? [] : [{ itemIdentifier: first!.sequenceNumber }],
    ),
  );
  const jobs = jobIds.length === 0 ? [] : await deps.store.jobsById(jobIds);
  const others = new Set(jobs.flatMap(({ campaign }) => campaign?.campaignId ?? []));
  await Promise.all([...others].filter((id) => !byId.has(id)).map(show));
  return { batchItemFailures: failures.flat() };
}
