/**
 * How many words each part of a card gets, in what Slack counts: the card takes the widest that fits into a message.
 * `rounds`: of what was asked for later. `asks`: of what was asked for pull requests. `paths`: of what runs by itself. `planDetails`: what each repository took, and
 * what its author says of a change that needs no person, below its line of the plan.
 */
export type Room = {
  summaryChars: number;
  evidence: number;
  reasonChars: number;
  promptChars: number;
  rounds: number;
  asks: number;
  paths: number;
  planDetails: boolean;
};

export const WIDEST: Room = {
  summaryChars: 700,
  evidence: 5,
  reasonChars: 300,
  promptChars: 600,
  rounds: 5,
  asks: 5,
  paths: 3,
  planDetails: true,
};

/** The last one fits with five repositories, whatever stands in their rows. */
export const ROOMS: readonly [Room, ...Room[]] = [
  WIDEST,
  { ...WIDEST, summaryChars: 350, evidence: 2 },
  { ...WIDEST, summaryChars: 120, evidence: 0 },
  {
    summaryChars: 60,
    evidence: 0,
    reasonChars: 100,
    promptChars: 200,
    rounds: 2,
    asks: 2,
    paths: 1,
    planDetails: false,
  },
  { summaryChars: 0, evidence: 0, reasonChars: 50, promptChars: 0, rounds: 0, asks: 1, paths: 0, planDetails: false },
];
export const SMALLEST_ROOM: Room = ROOMS.at(-1)!;
