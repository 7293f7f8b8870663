/** Views over the same memory, between Node's Buffers and the plain arrays of the suite. */

/** Node hands out Buffers, whose `slice` shares memory; the suite's callers get what the interface promises. */
export const plain = (buffer: Uint8Array): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)

export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
