/** Pixels along the longer side that are compared. */
const LARGEST = 1024;
const MOST_TIMES = 16;

export interface Difference {
  /** A grey picture: brighter where they differ more. */
  readonly url: string;
  readonly width: number;
  readonly height: number;
  /** By how much it is amplified. */
  readonly times: number;
}

/** How far two pictures of one size are apart, pixel by pixel, as grey; amplified so that the most is white. */
export function greyDifference(
  a: Uint8ClampedArray,
  b: Uint8ClampedArray,
): { grey: Uint8ClampedArray<ArrayBuffer>; times: number } {
  const levels = new Uint8ClampedArray(a.length / 4);
  let most = 0;
  for (let at = 0; at < levels.length; at += 1) {
    const of = at * 4;
    const apart = Math.max(...[0, 1, 2].map((channel) => Math.abs((a[of + channel] ?? 0) - (b[of + channel] ?? 0))));
    levels[at] = apart;
    if (apart > most) most = apart;
  }
  const times = most === 0 ? 1 : Math.max(1, Math.min(MOST_TIMES, Math.floor(255 / most)));
  const grey = new Uint8ClampedArray(a.length);
  for (let at = 0; at < levels.length; at += 1) {
    grey.fill((levels[at] ?? 0) * times, at * 4, at * 4 + 3);
    grey[at * 4 + 3] = 255;
  }
  return { grey, times };
}

/** Compares two pictures at the size of the smaller one. Rejects where one cannot be drawn. */
export async function difference(a: string, b: string): Promise<Difference> {
  const images = await Promise.all([loaded(a), loaded(b)]);
  const smaller = images.reduce((one, other) =>
    other.naturalWidth * other.naturalHeight < one.naturalWidth * one.naturalHeight ? other : one,
  );
  const scale = Math.min(1, LARGEST / Math.max(smaller.naturalWidth, smaller.naturalHeight));
  const width = Math.max(1, Math.round(smaller.naturalWidth * scale));
  const height = Math.max(1, Math.round(smaller.naturalHeight * scale));
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser draws no pictures");
  const [first, second] = images.map((image) => {
    context.drawImage(image, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
  });
  const { grey, times } = greyDifference(first ?? new Uint8ClampedArray(), second ?? new Uint8ClampedArray());
  context.putImageData(new ImageData(grey, width, height), 0, 0);
  return { url: canvas.toDataURL(), width, height, times };
}

async function loaded(url: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}
