// The characters that may do something to whoever reads a text: move a cursor, change colours, reorder or hide what stands there. Names from a
// trace are chosen by whoever was traced. Source for the bidirectional ones: Unicode UAX #9.

/** Controls, soft hyphens, marks of direction, invisible fillers, tags, undecodable bytes. */
export const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/gu;
