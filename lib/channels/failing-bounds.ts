/** Channels of the platform that fail are counted no further. */
export const failingCountedMax = 1_000;
