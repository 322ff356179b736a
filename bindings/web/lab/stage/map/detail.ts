// How much of a closed host is told by how large it is.

/** From here on it is told by its name. */
export const NAMED_MIN_W = 40;
export const NAMED_MIN_H = 14;
/** And by how many containers it has. */
export const COUNTED_MIN_W = 84;
