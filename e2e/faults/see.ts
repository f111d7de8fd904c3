/** Notes one thing that was seen; false: it is not what was expected. */
export type See = (holds: boolean, words: string) => void;
