/** The forms in which hosts hand over a binary buffer: Jupyter and marimo a DataView, Colab a Uint8Array. */
export type HostBuffer = DataView | Uint8Array | ArrayBuffer;

/** A view of the same bytes, whatever form the host chose. A DataView's offset is respected, nothing is copied. */
export function toBytes(buffer: HostBuffer): Uint8Array {
  if (buffer instanceof Uint8Array) return buffer;
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return new Uint8Array(buffer);
}

/** One buffer cut into the pieces whose lengths came beside it. */
export function split(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let at = 0;
  return lengths.map((length) => {
    const piece = bytes.subarray(at, at + length);
    at += length;
    return piece;
  });
}

const CHUNK = 0x8000;

/** `data:` URL of encoded bytes. Decoded inside the renderer, it paints sooner than a blob: URL. */
export function dataUrl(bytes: Uint8Array, type: string): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return `data:${type};base64,${btoa(binary)}`;
}
