/** What lists say how many there are of is counted no further: `countedMax + 1` stands for whatever is more. */
export const countedMax = 100;
