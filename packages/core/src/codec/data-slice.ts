const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const decoder = new TextDecoder();

/**
 * The bytes between `"data":` and the comma or brace that ends its value, as they stand, in a JSON object that is known to be
 * valid; undefined without a top-level `data`. Of several the last counts, as for JSON.parse.
 */
export function dataSlice(json: Uint8Array): Uint8Array | undefined {
  let slice: Uint8Array | undefined;
  let depth = 0;
  let key: string | undefined; // of the member at hand, once it was read
  let begin = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) {
      const end = endOfText(json, at);
      if (depth === 1 && key === undefined) key = JSON.parse(decoder.decode(json.subarray(at, end + 1))) as string;
      at = end;
    } else if (byte === 0x3a && depth === 1) {
      begin = at + 1; // :
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++; // { [
    } else if (byte === 0x2c || byte === 0x7d || byte === 0x5d) {
      if (depth === 1) {
        if (key === 'data') slice = json.subarray(begin, at);
        key = undefined;
      }
      if (byte !== 0x2c) depth--; // } ]
    }
  }
  return slice;
}

/** Where the quote is that ends the text that begins at `from`. */
function endOfText(json: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}
