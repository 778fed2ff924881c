/** The table's TTL attribute. DynamoDB may remove a row after this time, in seconds; a row without it stays. */
export const EXPIRY = "expiresAt";

const seconds = { hour: 60 * 60, day: 24 * 60 * 60, week: 7 * 24 * 60 * 60 };

/** A row that may be removed so long after a moment. */
export const expiring = (after: Date, keep: keyof typeof seconds) => ({
  [EXPIRY]: Math.ceil(after.getTime() / 1_000) + seconds[keep],
});

/** A row that was to be removed stays. */
export const STAYS = { [EXPIRY]: undefined };
