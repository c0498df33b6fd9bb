declare module 'kafkajs-snappy' {
  /** Of kafkajs-snappy 1.1.0, which ships no types. */
  const codec: () => {
    compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
    decompress(buffer: Buffer): Promise<Buffer>;
  };
  export = codec;
}
