/**
 * How often a property is tried: as often as a moment allows, since everyone waits for it, and CODY_SEEDS times where
 * that is more. Many: CODY_SEEDS=2000 npx vitest run test/slack/limits.test.ts
 */
export const propertyRuns = (usual: number) => Math.max(usual, Number(process.env.CODY_SEEDS || 0));
