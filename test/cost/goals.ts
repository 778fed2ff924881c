/** A repository run of the usual length, and what it and a month of nothing may cost without the model. */
export const RUN = { turns: 20, minutes: 5 };
export const GOALS = { runUsd: 0.01, idleMonthUsd: 1 };
